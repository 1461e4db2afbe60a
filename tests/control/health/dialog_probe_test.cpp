// SPDX-License-Identifier: Apache-2.0
#include "control/health/dialog_probe.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "tests/control/health/probe_fixture.h"
#include "tests/control/health/test_server.h"

namespace vipfwd::health {
namespace {

using test::BlackHole;
using test::Listener;
using test::TestServer;

Target tcp(const std::string& address, std::uint16_t port) {
    return make_target(config::CheckType::kTcp, address, port);
}

Target exchange(const TestServer& server, const std::string& send, const std::string& receive) {
    Target target = tcp(server.address(), server.port());
    target.check.send = send;
    target.check.receive = receive;
    return target;
}

class DialogProbeTest : public ProbeTest {};

TEST_F(DialogProbeTest, AnOpenPortIsGoodAndTheServerAcceptsNothing) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        const Listener listener(address);
        EXPECT_EQ(text_of(probe(tcp(address, listener.port()))), "good");
        run_once();
        fcntl(listener.fd(), F_SETFL, O_NONBLOCK);
        EXPECT_EQ(accept(listener.fd(), nullptr, nullptr), -1);
        EXPECT_EQ(errno, EAGAIN);
    }
}

TEST_F(DialogProbeTest, AnAnswerIsGoodThatContainsTheText) {
    const TestServer server([](int socket) {
        if (test::receive_until(socket, "PING\r\n") == "PING\r\n")
            test::send_all(socket, "header\r\n+PONG\r\n");
        test::receive_to_end(socket);
    });
    EXPECT_EQ(text_of(probe(exchange(server, "PING\r\n", "+PONG"))), "good");
}

TEST_F(DialogProbeTest, AGreetingNeedsNothingSent) {
    const TestServer server(
        [](int socket) {
            test::send_all(socket, "220 ready\r\n");
            test::receive_to_end(socket);
        },
        "::1");
    EXPECT_EQ(text_of(probe(exchange(server, "", "220 "))), "good");
}

TEST_F(DialogProbeTest, SentIsGoodIfNoAnswerIsExpected) {
    std::promise<std::string> received;
    const TestServer server(
        [&](int socket) { received.set_value(test::receive_until(socket, "HI")); });
    EXPECT_EQ(text_of(probe(exchange(server, "HI", ""))), "good");
    EXPECT_EQ(received.get_future().get(), "HI");
}

TEST_F(DialogProbeTest, AnAnswerMayComeByteByByte) {
    const TestServer server([](int socket) {
        for (const char c : std::string(200, '.') + "+PONG") {
            if (!test::send_all(socket, std::string(1, c)))
                return;
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        test::receive_to_end(socket);
    });
    EXPECT_EQ(text_of(probe(exchange(server, "PING", "+PONG"))), "good");
}

TEST_F(DialogProbeTest, AnotherAnswerFailsAndIsQuoted) {
    const TestServer server([](int socket) {
        test::receive_until(socket, "PING");
        test::send_all(socket, "-ERR \x1b[31m\xff\n");
    });
    EXPECT_EQ(text_of(probe(exchange(server, "PING", "+PONG"))),
              "failed: answer does not contain '+PONG': '-ERR \\x1b[31m\\xff\\x0a'");
}

TEST_F(DialogProbeTest, AConnectionThatIsClosedWithoutAnAnswerFails) {
    const TestServer server([](int socket) { test::receive_until(socket, "PING"); });
    EXPECT_EQ(text_of(probe(exchange(server, "PING", "+PONG"))),
              "failed: connection closed without an answer, '+PONG' is expected");
}

TEST_F(DialogProbeTest, AServerThatSaysTooLittleFails) {
    const TestServer server([](int socket) {
        test::send_all(socket, "+PO");
        test::receive_to_end(socket);
    });
    Target target = exchange(server, "PING", "+PONG");
    target.check.timeout_ms = 300;
    EXPECT_EQ(text_of(probe(target)),
              "failed: answer does not contain '+PONG' within 300 ms: '+PO'");
}

TEST_F(DialogProbeTest, AConnectionThatIsResetFails) {
    const TestServer server([](int socket) {
        test::receive_until(socket, "PING");
        test::reset_on_close(socket);
    });
    EXPECT_EQ(text_of(probe(exchange(server, "PING", "+PONG"))), "failed: connection reset");
}

TEST_F(DialogProbeTest, AnEndlessAnswerIsReadInPartOnly) {
    std::size_t sent_bytes = 0;
    {
        const TestServer server([&](int socket) {
            const std::string piece(10'000, '.');
            while (test::send_all(socket, piece))
                sent_bytes += piece.size();
        });
        EXPECT_EQ(text_of(probe(exchange(server, "PING", "+PONG"))),
                  "failed: answer does not contain '+PONG' in its first 64 KiB: '" +
                      std::string(60, '.') + "...'");
    }
    EXPECT_LT(sent_bytes, 32u << 20) << "what was read, and what fits into the kernel's buffers";
}

TEST_F(DialogProbeTest, ItsConnectionsLeaveByReset) {
    int error = 0;
    {
        const TestServer server([&](int socket) {
            test::send_all(socket, "+PONG");
            char byte = 0;
            while (recv(socket, &byte, 1, 0) > 0) {
            }
            error = errno;
        });
        EXPECT_EQ(text_of(probe(exchange(server, "PING", "+PONG"))), "good");
    }
    EXPECT_EQ(error, ECONNRESET);
}

TEST_F(DialogProbeTest, ALateLoopSeesNoFailureWhereItLookedTooLate) {
    const BlackHole hole;
    Target target = tcp("127.0.0.1", hole.port());
    target.check.timeout_ms = 10;
    const auto probe = prober_.start(target, [&](const ProbeResult& result) {
        EXPECT_EQ(result.kind, ProbeResult::Kind::kNone);
        EXPECT_NE(result.reason.find("late to look for the answer"), std::string::npos);
        loop_.stop();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    loop_.run();
}

TEST_F(DialogProbeTest, ALateLoopSeesTheAnswerThatIsThere) {
    const TestServer server([](int socket) {
        test::send_all(socket, "220 ready\r\n");
        test::receive_to_end(socket);
    });
    Target target = exchange(server, "", "220 ");
    target.check.timeout_ms = 10;
    const auto probe = prober_.start(target, [&](const ProbeResult& result) {
        EXPECT_EQ(text_of(result), "good");
        loop_.stop();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    loop_.run();
}

TEST_F(DialogProbeTest, ADestroyedProbeTellsNothing) {
    const TestServer server(test::receive_to_end);
    const Target target = exchange(server, "PING", "+PONG");
    const Target quiet = tcp(server.address(), server.port());
    const auto fail = [](const ProbeResult&) { FAIL(); };
    prober_.start(target, fail).reset();
    prober_.start(quiet, fail).reset();
    auto connected = prober_.start(target, fail);
    auto other = prober_.start(quiet, [&](const ProbeResult&) { loop_.stop(); });
    loop_.run();
    run_once();
    connected.reset();
    run_once();
}

TEST_F(DialogProbeTest, ACallbackMayStartTheNextProbe) {
    const Listener listener;
    const Target target = tcp("127.0.0.1", listener.port());
    std::unique_ptr<Probe> probe;
    int count = 0;
    const OnProbed again = [&](const ProbeResult& result) {
        EXPECT_EQ(text_of(result), "good");
        if (++count == 100)
            return loop_.stop();
        probe = prober_.start(target, again);
    };
    probe = prober_.start(target, again);
    loop_.run();
    EXPECT_EQ(count, 100);
}

}  // namespace
}  // namespace vipfwd::health
