// SPDX-License-Identifier: Apache-2.0
// HTTP probes by TLS.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "tests/control/health/probe_fixture.h"
#include "tests/control/health/test_server.h"
#include "tests/control/health/tls_server.h"
#include "tests/control/loop/unix_sockets.h"

namespace vipfwd::health {
namespace {

using test::Certificate;
using test::TestServer;

class HttpsProbeTest : public ProbeTest {
  protected:
    Target https(const TestServer& server, const std::string& ca_file = "") const {
        Target target = make_target(config::CheckType::kHttps, server.address(), server.port());
        target.check.ca_file = ca_file;
        return target;
    }
    // A file that trusts `certificate`.
    std::string file_of(const Certificate& certificate, const std::string& name = "ca.pem") const {
        certificate.write(directory_ / name);
        return directory_ / name;
    }

    test::SocketDirectory directory_;
};

TEST_F(HttpsProbeTest, ACertificateThatIsTrustedIsGood) {
    const Certificate certificate;
    const std::string ca_file = file_of(certificate);
    for (const char* address : {"127.0.0.1", "::1"}) {
        const TestServer server(certificate.answer(test::kFine), address);
        EXPECT_EQ(text_of(probe(https(server, ca_file))), "good");
        Target target = https(server, ca_file);
        target.check.contains = "fine";
        EXPECT_EQ(text_of(probe(target)), "good");
        target.check.contains = "great";
        EXPECT_EQ(text_of(probe(target)), "failed: body does not contain 'great': 'fine\\x0a'");
    }
}

TEST_F(HttpsProbeTest, ACertificateThatIsNotTrustedFails) {
    const Certificate certificate;
    const Certificate other;
    const TestServer server(certificate.answer(test::kFine));
    const std::string expected = "failed: TLS: self-signed certificate";
    EXPECT_EQ(text_of(probe(https(server, file_of(other)))), expected);
    EXPECT_EQ(text_of(probe(https(server))), expected);
}

TEST_F(HttpsProbeTest, WithoutVerificationAnyCertificateIsGood) {
    const Certificate certificate({.names = "DNS:other.example", .valid_s = -3600});
    const TestServer server(certificate.answer(test::kFine));
    Target target = https(server, "/nowhere");
    target.check.verify = false;
    EXPECT_EQ(text_of(probe(target)), "good");
}

TEST_F(HttpsProbeTest, AnExpiredCertificateFails) {
    const Certificate certificate({.valid_s = -3600});
    const TestServer server(certificate.answer(test::kFine));
    EXPECT_EQ(text_of(probe(https(server, file_of(certificate)))),
              "failed: TLS: certificate has expired");
}

TEST_F(HttpsProbeTest, TheHostIsAskedForAndVerified) {
    const Certificate certificate;
    std::string name;
    const TestServer server(certificate.answer(test::kFine, &name));
    Target target = https(server, file_of(certificate));
    for (const char* host : {"api.example", "api.example:8443"}) {
        target.check.host = host;
        EXPECT_EQ(text_of(probe(target)), "good");
        EXPECT_EQ(name, "api.example");
    }
    target.check.host = "db.example";
    EXPECT_EQ(text_of(probe(target)), "failed: TLS: the certificate is not for 'db.example'");
}

TEST_F(HttpsProbeTest, WithoutAHostTheAddressIsVerified) {
    const Certificate certificate({.names = "DNS:api.example"});
    const TestServer server(certificate.answer(test::kFine));
    EXPECT_EQ(text_of(probe(https(server, file_of(certificate)))),
              "failed: TLS: the certificate is not for '127.0.0.1'");
}

TEST_F(HttpsProbeTest, AFileOfCertificatesThatCannotBeReadIsNoResult) {
    const Certificate certificate;
    const TestServer server(certificate.answer(test::kFine));
    EXPECT_EQ(text_of(probe(https(server, "/nowhere"))),
              "none: not checked: ca_file '/nowhere' cannot be read, or has no certificates");
}

// Each has a libcurl of its own.
TEST_F(HttpsProbeTest, FilesOfCertificatesDoNotMix) {
    const Certificate one;
    const Certificate two;
    const TestServer server_one(one.answer(test::kFine));
    const TestServer server_two(two.answer(test::kFine));
    const std::string file_one = file_of(one, "one.pem");
    const std::string file_two = file_of(two, "two.pem");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(text_of(probe(https(server_one, file_one))), "good");
        EXPECT_EQ(text_of(probe(https(server_two, file_two))), "good");
        EXPECT_EQ(probe(https(server_one, file_two)).kind, ProbeResult::Kind::kFailed);
    }
}

TEST_F(HttpsProbeTest, WhatIsNotTlsFails) {
    const TestServer plain([](int socket) {
        char byte = 0;
        recv(socket, &byte, 1, 0);
        test::send_all(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
        test::receive_to_end(socket);
    });
    EXPECT_EQ(text_of(probe(https(plain))), "failed: TLS: wrong version number");
    const TestServer closing([](int socket) {
        char byte = 0;
        recv(socket, &byte, 1, 0);
        test::reset_on_close(socket);
    });
    EXPECT_EQ(text_of(probe(https(closing))), "failed: TLS: connection reset in the handshake");
    const TestServer endless([](int socket) {
        while (test::send_all(socket, std::string(1000, '\x16'))) {
        }
    });
    EXPECT_EQ(probe(https(endless)).kind, ProbeResult::Kind::kFailed);
}

TEST_F(HttpsProbeTest, AHandshakeThatDoesNotEndFails) {
    const TestServer server(test::receive_to_end);
    Target target = https(server);
    target.check.timeout_ms = 300;
    EXPECT_EQ(text_of(probe(target)), "failed: connected, but no answer within 300 ms");
}

TEST_F(HttpsProbeTest, AProbeMayBeDestroyedInTheHandshake) {
    const TestServer server(test::receive_to_end);
    const Target target = https(server);
    auto probe = prober_.start(target, [](const ProbeResult&) { FAIL(); });
    Timer timer(loop_, [&] {
        probe.reset();
        loop_.stop();
    });
    timer.fire_after(50);
    loop_.run();
    run_once();
}

}  // namespace
}  // namespace vipfwd::health
