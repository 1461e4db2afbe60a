// SPDX-License-Identifier: Apache-2.0
#include "tests/control/health/tls_server.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <utility>

namespace vipfwd::test {

struct Certificate::Parts {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
};

Certificate::Certificate(const CertificateSettings& settings) : parts_(std::make_unique<Parts>()) {
    X509* certificate = parts_->certificate;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), settings.valid_s);
    X509_set_pubkey(certificate, parts_->key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, settings.names);
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    EXPECT_GT(X509_sign(certificate, parts_->key, EVP_sha256()), 0);
    EXPECT_EQ(SSL_CTX_use_certificate(parts_->context, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(parts_->context, parts_->key), 1);
}

Certificate::~Certificate() {
    SSL_CTX_free(parts_->context);
    X509_free(parts_->certificate);
    EVP_PKEY_free(parts_->key);
}

void Certificate::write(const std::string& path) const {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), std::fclose);
    ASSERT_NE(file, nullptr) << path;
    EXPECT_EQ(PEM_write_X509(file.get(), parts_->certificate), 1);
}

TestServer::Serve Certificate::answer(std::string text, std::string* sni) const {
    return [context = parts_->context, text = std::move(text), sni](int socket) {
        const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context), SSL_free);
        SSL_set_fd(tls.get(), socket);
        if (SSL_accept(tls.get()) != 1)
            return;
        const char* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
        if (sni != nullptr && name != nullptr)
            *sni = name;
        std::array<char, 4096> request;
        if (SSL_read(tls.get(), request.data(), request.size()) > 0)
            SSL_write(tls.get(), text.data(), static_cast<int>(text.size()));
        SSL_shutdown(tls.get());
    };
}

}  // namespace vipfwd::test
