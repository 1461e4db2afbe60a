// SPDX-License-Identifier: Apache-2.0
#include "control/health/http_probe.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "tests/control/health/probe_fixture.h"
#include "tests/control/health/test_server.h"

namespace vipfwd::health {
namespace {

using test::answer;
using test::BlackHole;
using test::ClosedPort;
using test::TestServer;

Target http(const std::string& address, std::uint16_t port) {
    return make_target(config::CheckType::kHttp, address, port);
}

Target http(const TestServer& server) {
    return http(server.address(), server.port());
}

class HttpProbeTest : public ProbeTest {
  protected:
    // What a probe says of a server that answers so and closes the connection.
    std::string judge(const std::string& text, const std::string& contains = "") {
        const TestServer server(answer(text));
        Target target = http(server);
        target.check.contains = contains;
        return text_of(probe(target));
    }
};

TEST_F(HttpProbeTest, AnExpectedStatusIsGood) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        const TestServer server(answer(test::kFine), address);
        EXPECT_EQ(text_of(probe(http(server))), "good");
    }
    EXPECT_EQ(judge("HTTP/1.1 204 No Content\r\n\r\n"), "good");
    EXPECT_EQ(judge("HTTP/1.0 200 OK\r\n\r\nfine"), "good");
    EXPECT_EQ(judge("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), "good");
}

TEST_F(HttpProbeTest, AnotherStatusFails) {
    EXPECT_EQ(judge("HTTP/1.1 503 Service Unavailable\r\n\r\n"), "failed: HTTP status 503");
    EXPECT_EQ(judge("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nfine", "fine"),
              "failed: HTTP status 404");
    const TestServer server(answer("HTTP/1.1 404 Not Found\r\n\r\n"));
    Target target = http(server);
    target.check.expect = {{200, 299}, {404, 404}};
    EXPECT_EQ(text_of(probe(target)), "good");
}

TEST_F(HttpProbeTest, ARedirectIsNotFollowed) {
    const std::string redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(judge(redirect), "good");
    const TestServer server(answer(redirect));
    Target target = http(server);
    target.check.expect = {{200, 299}};
    EXPECT_EQ(text_of(probe(target)), "failed: HTTP status 302");
}

TEST_F(HttpProbeTest, TheRequestNamesPathHostAndAgent) {
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    std::string request;
    const auto serve = [&](int socket) {
        request = test::receive_request(socket);
        test::send_all(socket, test::kFine);
    };
    const auto request_of = [&](const char* host, const char* address) {
        const TestServer server(serve, address);
        Target target = http(server);
        target.check.host = host;
        target.check.path = "/a/../b?c=%20#d";
        EXPECT_EQ(text_of(probe(target)), "good");
        return ":" + std::to_string(server.port());
    };
    const auto expected = [](const std::string& host) {
        return "GET /a/../b?c=%20#d HTTP/1.1\r\nHost: " + host +
               "\r\nUser-Agent: vipfwd\r\nAccept: */*\r\n\r\n";
    };
    std::string port = request_of("", "127.0.0.1");
    EXPECT_EQ(request, expected("127.0.0.1" + port));
    port = request_of("", "::1");
    EXPECT_EQ(request, expected("[::1]" + port));
    request_of("api.example", "127.0.0.1");
    EXPECT_EQ(request, expected("api.example"));
    request_of("api.example:8443", "::1");
    EXPECT_EQ(request, expected("api.example:8443"));
    request_of("10.1.2.3", "::1");
    EXPECT_EQ(request, expected("10.1.2.3"));
    request_of("[fd00::1]:81", "127.0.0.1");
    EXPECT_EQ(request, expected("[fd00::1]:81"));
    unsetenv("http_proxy");
}

TEST_F(HttpProbeTest, AHostThatIsNoneIsNoResult) {
    const TestServer server(answer(test::kFine));
    Target target = http(server);
    target.check.host = "api:example:1";
    EXPECT_EQ(text_of(probe(target)),
              "none: not checked: host 'api:example:1' cannot be part of a URL");
}

TEST_F(HttpProbeTest, TheBodyMustContainTheText) {
    EXPECT_EQ(judge(test::kFine, "fine"), "good");
    EXPECT_EQ(judge("HTTP/1.0 200 OK\r\n\r\nall is fine", "fine"), "good");
    EXPECT_EQ(judge("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n",
                    "fine"),
              "good");
    EXPECT_EQ(judge(test::kFine, "great"), "failed: body does not contain 'great': 'fine\\x0a'");
    EXPECT_EQ(judge("HTTP/1.1 204 No Content\r\n\r\n", "fine"),
              "failed: body does not contain 'fine': it is empty");
    EXPECT_EQ(judge("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nOK", "fine"),
              "failed: connection closed within the answer");
}

TEST_F(HttpProbeTest, TheRestOfTheAnswerIsNotWaitedFor) {
    const auto keep_open_after = [](const std::string& text) {
        return [text](int socket) {
            test::receive_request(socket);
            test::send_all(socket, text);
            test::receive_to_end(socket);
        };
    };
    const TestServer server(
        keep_open_after("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nis fine"));
    Target target = http(server);
    EXPECT_EQ(text_of(probe(target)), "good");
    target.check.contains = "fine";
    EXPECT_EQ(text_of(probe(target)), "good");
}

TEST_F(HttpProbeTest, AnAnswerThatDoesNotEndFails) {
    const TestServer server([](int socket) {
        test::receive_request(socket);
        test::send_all(socket, "HTTP/1.1 200 OK\r\nServer: slow\r\n");
        test::receive_to_end(socket);
    });
    Target target = http(server);
    target.check.timeout_ms = 300;
    EXPECT_EQ(text_of(probe(target)), "failed: answer is not complete within 300 ms");
}

TEST_F(HttpProbeTest, AnAnswerMayComeByteByByte) {
    const TestServer server([](int socket) {
        test::receive_request(socket);
        for (const char* c = test::kFine; *c != '\0'; ++c) {
            if (!test::send_all(socket, std::string(1, *c)))
                return;
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        test::receive_to_end(socket);
    });
    Target target = http(server);
    target.check.contains = "fine";
    EXPECT_EQ(text_of(probe(target)), "good");
}

TEST_F(HttpProbeTest, WhatIsNotHttpFails) {
    EXPECT_EQ(judge("SSH-2.0-OpenSSH_9.2\r\n"), "failed: answer is not HTTP");
    EXPECT_EQ(judge(std::string("\0\1\2\3\n\n", 6)), "failed: answer is not HTTP");
    EXPECT_EQ(judge("HTTP/9.9 200 OK\r\n\r\n"), "failed: answer is not HTTP");
    EXPECT_EQ(judge(""), "failed: connection closed without an answer");
    EXPECT_EQ(judge("HTTP/1.1 200 OK\r\nServer: x\r\n"),
              "failed: connection closed within the header of the answer");
}

TEST_F(HttpProbeTest, AConnectionThatIsResetFails) {
    for (const char* text : {"", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\n\r\nfi"}) {
        const TestServer server([text](int socket) {
            test::receive_request(socket);
            test::send_all(socket, text);
            test::reset_on_close(socket);
        });
        Target target = http(server);
        target.check.contains = "fine";
        EXPECT_EQ(text_of(probe(target)), "failed: connection reset") << text;
    }
}

// A server that sends `start` and then `piece` for as long as it can: what a probe says of it.
class EndlessTest : public HttpProbeTest {
  protected:
    std::string judge_endless(const std::string& start, const std::string& piece) {
        std::size_t sent_bytes = 0;
        std::string result;
        {
            const TestServer server([&](int socket) {
                test::receive_request(socket);
                test::send_all(socket, start);
                while (test::send_all(socket, piece))
                    sent_bytes += piece.size();
            });
            Target target = http(server);
            target.check.contains = "fine";
            result = text_of(probe(target));
        }
        EXPECT_LT(sent_bytes, 32u << 20) << "what was read, and what fits into kernel buffers";
        return result;
    }
};

TEST_F(EndlessTest, AHeaderWithoutEndFails) {
    EXPECT_EQ(judge_endless("HTTP/1.1 200 OK\r\n", "Name: value\r\n"),
              "failed: header of the answer is longer than 64 KiB");
    EXPECT_EQ(judge_endless("HTTP/1.1 200 OK\r\nName: ", std::string(1000, 'x')),
              "failed: header of the answer has a line without end");
    EXPECT_EQ(judge_endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
              "failed: header of the answer is longer than 64 KiB");
}

TEST_F(EndlessTest, ABodyWithoutEndFails) {
    EXPECT_EQ(judge_endless("HTTP/1.1 200 OK\r\n\r\n", std::string(1000, 'x')),
              "failed: first 64 KiB of the body do not contain 'fine'");
    EXPECT_EQ(judge_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
              "failed: first 64 KiB of the body do not contain 'fine'");
}

TEST_F(EndlessTest, GarbageWithoutEndFails) {
    EXPECT_EQ(judge_endless("", std::string(1000, 'x')), "failed: answer is not HTTP");
    EXPECT_EQ(judge_endless("HTTP/1.1 ", std::string(1000, 'x')),
              "failed: header of the answer has a line without end");
    EXPECT_EQ(judge_endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "xyz"),
              "failed: Illegal or missing hexadecimal sequence in chunked-encoding");
}

TEST_F(HttpProbeTest, ItsConnectionsLeaveByReset) {
    int error = 0;
    {
        const TestServer server([&](int socket) {
            test::receive_request(socket);
            test::send_all(socket, test::kFine);
            char byte = 0;
            while (recv(socket, &byte, 1, 0) > 0) {
            }
            error = errno;
        });
        EXPECT_EQ(text_of(probe(http(server))), "good");
    }
    EXPECT_EQ(error, ECONNRESET);
}

TEST_F(HttpProbeTest, ALateLoopSeesNoFailureWhereItLookedTooLate) {
    const BlackHole hole;
    Target target = http("127.0.0.1", hole.port());
    target.check.timeout_ms = 50;
    Timer block(loop_, [] { std::this_thread::sleep_for(std::chrono::milliseconds(300)); });
    block.fire_after(20);
    const ProbeResult result = probe_once(target);
    EXPECT_EQ(result.kind, ProbeResult::Kind::kNone);
    EXPECT_NE(result.reason.find("late to look for the answer"), std::string::npos);
}

TEST_F(HttpProbeTest, TheTimeRunsFromTheConnectionAttempt) {
    const TestServer server(answer(test::kFine));
    Target target = http(server);
    target.check.timeout_ms = 1000;
    const auto probe = prober_.start(target, [&](const ProbeResult& result) {
        EXPECT_EQ(text_of(result), "good");
        loop_.stop();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    loop_.run();
}

TEST_F(HttpProbeTest, ALateLoopSeesTheAnswerThatIsThere) {
    std::promise<void> has_asked;
    std::promise<void> is_blocked;
    const TestServer server([&](int socket) {
        test::receive_request(socket);
        has_asked.set_value();
        is_blocked.get_future().wait();
        test::send_all(socket, test::kFine);
        test::receive_to_end(socket);
    });
    const auto asked = has_asked.get_future();
    const auto late = std::chrono::steady_clock::now() + std::chrono::milliseconds(1100);
    Timer block(loop_, [&] {
        if (asked.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            return;
        is_blocked.set_value();
        std::this_thread::sleep_until(late);
        block.cancel();
    });
    block.fire_every(1);
    Target target = http(server);
    target.check.timeout_ms = 1000;
    EXPECT_EQ(text_of(probe_once(target)), "good");
}

TEST_F(HttpProbeTest, ADestroyedProbeTellsNothing) {
    const TestServer server(answer(test::kFine));
    const BlackHole hole;
    const Target target = http(server);
    const Target unanswered = http("127.0.0.1", hole.port());
    const auto fail = [](const ProbeResult&) { FAIL(); };
    prober_.start(target, fail).reset();
    auto connecting = prober_.start(unanswered, fail);
    EXPECT_EQ(text_of(probe(target)), "good");
    connecting.reset();
    run_once();
}

TEST_F(HttpProbeTest, ACallbackMayDestroyAndStartOtherProbes) {
    const ClosedPort closed;
    const Target target = http("127.0.0.1", closed.port());
    std::array<std::unique_ptr<Probe>, 20> probes;
    int results = 0;
    const OnProbed on_probed = [&](const ProbeResult& result) {
        EXPECT_EQ(text_of(result), "failed: connection refused");
        if (++results == 100)
            return loop_.stop();
        for (std::size_t i = 0; i < probes.size(); ++i) {
            probes[i].reset();
            probes[i] = prober_.start(target, on_probed);
        }
    };
    for (auto& probe : probes)
        probe = prober_.start(target, on_probed);
    loop_.run();
    EXPECT_EQ(results, 100);
}

}  // namespace
}  // namespace vipfwd::health
