// SPDX-License-Identifier: Apache-2.0
// TLS for a TestServer, with a certificate that is made on the spot.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/control/health/test_server.h"

namespace vipfwd::test {

struct CertificateSettings {
    const char* names = "DNS:api.example,IP:127.0.0.1,IP:::1";  // subjectAltName
    long valid_s = 3600;                                        // negative: it has expired
};

// A self-signed certificate and its key.
class Certificate {
  public:
    explicit Certificate(const CertificateSettings& settings = {});
    ~Certificate();
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    // Writes the certificate, for ca_file.
    void write(const std::string& path) const;

    // Serves one request of a connection: handshake, request, answer. The server sees what the
    // handshake says of the name in `sni`, if it is not null.
    TestServer::Serve answer(std::string text, std::string* sni = nullptr) const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace vipfwd::test
