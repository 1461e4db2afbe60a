// SPDX-License-Identifier: Apache-2.0
#include "control/health/http_failure.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace vipfwd::health {
namespace {

using Kind = ProbeResult::Kind;

TEST(HttpFailure, ReasonsOfTlsLeaveOutWhatOperatorsDoNotNeed) {
    EXPECT_EQ(tls_reason("SSL certificate problem: certificate has expired"),
              "TLS: certificate has expired");
    EXPECT_EQ(tls_reason("error:0A00010B:SSL routines::wrong version number"),
              "TLS: wrong version number");
    EXPECT_EQ(tls_reason("OpenSSL SSL_connect: Connection reset by peer in connection to a:1 "),
              "TLS: connection reset in the handshake");
    EXPECT_EQ(tls_reason("OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to 10.0.0.1:443 "),
              "TLS: connection closed in the handshake");
    EXPECT_EQ(
        tls_reason("SSL: no alternative certificate subject name matches target host name 'a.b'"),
        "TLS: the certificate is not for 'a.b'");
    EXPECT_EQ(tls_reason("\xff\n"), "TLS: \\xff\\x0a");
}

TEST(HttpFailure, SaysWhetherTheBackendOrThisMachineFailed) {
    const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
    config::Check check;
    const auto kind_of = [&](CURLcode code) {
        return result_of_transfer(easy.get(), code, "text", check).kind;
    };
    for (const CURLcode code : {CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_WEIRD_SERVER_REPLY,
                                CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION})
        EXPECT_EQ(kind_of(code), Kind::kFailed) << code;
    for (const CURLcode code : {CURLE_OUT_OF_MEMORY, CURLE_SSL_CACERT_BADFILE, CURLE_FAILED_INIT})
        EXPECT_EQ(kind_of(code), Kind::kNone) << code;
    check.ca_file = "/nowhere";
    EXPECT_EQ(result_of_transfer(easy.get(), CURLE_SSL_CACERT_BADFILE, "", check).reason,
              "not checked: ca_file '/nowhere' cannot be read, or has no certificates");
}

}  // namespace
}  // namespace vipfwd::health
