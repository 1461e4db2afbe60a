// SPDX-License-Identifier: Apache-2.0
// What probes of all types have in common.
#include "control/health/prober.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/control/health/amqp_start.h"
#include "tests/control/health/dns_answers.h"
#include "tests/control/health/mysql_answers.h"
#include "tests/control/health/probe_fixture.h"
#include "tests/control/health/test_server.h"
#include "tests/no_descriptors.h"

namespace vipfwd::health {
namespace {

using test::BlackHole;
using test::ClosedPort;
using test::TestServer;
using test::UdpServer;

struct ProbeCase {
    const char* name;
    config::CheckType type;
    TestServer::Serve good;  // a server that is good
    bool is_quiet = false;   // of TCP: nothing is sent or expected
    Attempt attempt = Attempt::kWhole;
};

void serve_text(int socket) {
    test::send_all(socket, test::kFine);
    test::receive_to_end(socket);
}

void serve_agent(int socket) {
    test::send_all(socket, "ready 75%\n");
    test::receive_to_end(socket);
}

void serve_amqp(int socket) {
    test::receive_until(socket, "\x09\x01");
    test::send_all(socket, test::amqp_start());
    test::receive_to_end(socket);
}

void serve_mysql(int socket) {
    test::send_all(socket, test::mysql_greeting());
    test::receive_until(socket, "mysql_native_password");
    test::send_all(socket, test::mysql_ok(2));
    test::receive_until(socket, "wsrep_cluster_status");
    test::send_all(socket, test::mysql_rows(test::kSyncedStatus));
    test::receive_until(socket, "read_only");
    test::send_all(socket, test::mysql_rows(test::kSyncedVariables));
    test::receive_until(socket, "\x01");  // COM_QUIT
}

class ProberTest : public ProbeTest, public testing::WithParamInterface<ProbeCase> {
  protected:
    ProberTest() { attempt_ = GetParam().attempt; }

    Target target(const std::string& address, std::uint16_t port) {
        Target made = make_target(GetParam().type, address, port);
        if (GetParam().type == config::CheckType::kTcp && !GetParam().is_quiet) {
            made.check.send = "PING";
            made.check.receive = "200 OK";
        }
        made.check.user = "vipfwd";
        return made;
    }
    Target target(const TestServer& server) { return target(server.address(), server.port()); }
};

TEST_P(ProberTest, AClosedPortFails) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        const ClosedPort closed(address);
        EXPECT_EQ(text_of(probe(target(address, closed.port()))), "failed: connection refused");
    }
}

TEST_P(ProberTest, AHostThatDoesNotAnswerIsUnreachable) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        const BlackHole hole(address);
        Target unanswered = target(address, hole.port());
        unanswered.check.timeout_ms = kShort_ms;
        EXPECT_EQ(text_of(probe(unanswered)), "unreachable: no answer within 100 ms");
    }
}

// Of those that want an answer.
class AnswerTest : public ProberTest {};

TEST_P(AnswerTest, AServerThatSaysNothingFails) {
    const TestServer server(test::receive_to_end);
    Target silent = target(server);
    silent.check.timeout_ms = kShort_ms;
    EXPECT_EQ(text_of(probe(silent)), "failed: connected, but no answer within 100 ms");
}

TEST_P(ProberTest, WithoutDescriptorsThereIsNoResult) {
    const TestServer server(GetParam().good);
    const Target good = target(server);
    {
        const test::NoDescriptors none;
        EXPECT_EQ(text_of(probe(good)), "none: not checked: Too many open files");
    }
    EXPECT_EQ(text_of(probe(good)), "good");
}

TEST_P(ProberTest, AProbeMayBeDestroyedFromItsCallback) {
    const TestServer server(GetParam().good);
    const TestServer silent(test::receive_to_end);  // good for a quiet probe
    const ClosedPort closed;
    const BlackHole hole;
    Target timed_out = target(silent);
    timed_out.check.timeout_ms = kShort_ms;
    Target unreachable = target("127.0.0.1", hole.port());
    unreachable.check.timeout_ms = kShort_ms;
    const Target refused = target("127.0.0.1", closed.port());
    for (const Target& one : {target(server), refused, timed_out, unreachable}) {
        std::unique_ptr<Probe> probe = prober_.start(one, [&](const ProbeResult&) {
            probe.reset();
            loop_.stop();
        });
        loop_.run();
        EXPECT_EQ(probe, nullptr);
    }
}

TEST_P(AnswerTest, AGoodServerIsGood) {
    const TestServer server(GetParam().good);
    EXPECT_EQ(text_of(probe(target(server))), "good");
}

struct HostileServer {
    const char* name;
    TestServer::Serve serve;
};

void send_for_ever(int socket, const std::string& begin, const std::string& piece) {
    test::send_all(socket, begin);
    while (test::send_all(socket, piece)) {
    }
}

void drip(int socket) {
    while (test::send_all(socket, "A"))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

// A part of every protocol's answer, and then a RST.
void reset_in_the_middle(int socket) {
    test::send_all(socket, "HTTP/1.1 2");
    test::reset_on_close(socket);
}

const std::vector<HostileServer> kHostileServers = {
    {"garbage", [](int socket) { test::send_all(socket, std::string(3000, '\xf7')); }},
    {"zeros for ever", [](int socket) { send_for_ever(socket, "", std::string(10'000, '\0')); }},
    {"a header for ever",
     [](int socket) {
         send_for_ever(socket, "HTTP/1.1 204 No Content\r\n",
                       "X: " + std::string(99, 'x') + "\r\n");
     }},
    {"empty MySQL packets for ever",
     [](int socket) {
         send_for_ever(socket, test::mysql_greeting() + test::mysql_ok(2), mysql_packet(3, ""));
     }},
    {"MySQL columns for ever",
     [](int socket) {
         std::string columns;
         for (int i = 0; i < 256; ++i)
             columns += mysql_packet(static_cast<std::uint8_t>(i + 2), "column");
         send_for_ever(socket, test::mysql_greeting() + test::mysql_ok(2) + mysql_packet(1, "\x02"),
                       columns);
     }},
    {"an AMQP frame of 2 GiB",
     [](int socket) {
         send_for_ever(socket, std::string("\x01\0\0\x7f\xff\xff\xff", 7),
                       std::string(10'000, 'x'));
     }},
    {"one byte after the other", drip},
    {"RST in the middle", reset_in_the_middle},
    {"RST at once", test::reset_on_close},
    {"closed at once", [](int) {}},
    {"SSH", [](int socket) { test::send_all(socket, "SSH-2.0-OpenSSH_9.2\r\n"); }},
};

TEST_P(AnswerTest, AHostileServerFailsWithAReasonInTime) {
    for (const HostileServer& hostile : kHostileServers) {
        const TestServer server(hostile.serve);
        Target hated = target(server);
        hated.check.timeout_ms = 300;
        const auto begin = std::chrono::steady_clock::now();
        const ProbeResult result = probe(hated);
        EXPECT_EQ(result.kind, ProbeResult::Kind::kFailed) << hostile.name << ": " << result.reason;
        EXPECT_FALSE(result.reason.empty()) << hostile.name;
        EXPECT_LT(result.reason.size(), 300u) << hostile.name;
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3))
            << hostile.name;
    }
}

const ProbeCase kQuiet{"quiet", config::CheckType::kTcp, serve_text, true};
const ProbeCase kExchange{"exchange", config::CheckType::kTcp, serve_text};
const ProbeCase kHttp{"http", config::CheckType::kHttp, serve_text};
const ProbeCase kAgent{"agent", config::CheckType::kTcp, serve_agent, false, Attempt::kAgent};
const ProbeCase kAmqp{"amqp", config::CheckType::kAmqp, serve_amqp};
const ProbeCase kMysql{"mysql", config::CheckType::kMysql, serve_mysql};

std::string name_of(const testing::TestParamInfo<ProbeCase>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Types, ProberTest,
                         testing::Values(kQuiet, kExchange, kHttp, kAgent, kAmqp, kMysql), name_of);
INSTANTIATE_TEST_SUITE_P(Types, AnswerTest,
                         testing::Values(kExchange, kHttp, kAgent, kAmqp, kMysql), name_of);

// Checks over UDP.
class DatagramTest : public ProbeTest, public testing::WithParamInterface<const char*> {
  protected:
    static bool is_dns() { return GetParam() == std::string("dns"); }

    static Target target(const std::string& address, std::uint16_t port) {
        Target made = make_target(is_dns() ? config::CheckType::kDns : config::CheckType::kUdp,
                                  address, port);
        made.check.name = "example.org";
        made.check.send = "PING";
        made.check.receive = "PONG";
        return made;
    }

    // Of the server that is good.
    static std::string answer(const std::string& datagram) {
        if (!is_dns())
            return datagram == "PING" ? "PONG" : "";
        const auto id = static_cast<std::uint16_t>(static_cast<std::uint8_t>(datagram[0]) << 8 |
                                                   static_cast<std::uint8_t>(datagram[1]));
        return test::dns_answer({.id = id, .name = "example.org", .type = 1}, {});
    }
};

TEST_P(DatagramTest, AGoodServerIsGoodWhateverComesBefore) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        const UdpServer server(
            [](const std::string& datagram) {
                return std::vector<std::string>{"", "garbage", datagram, answer(datagram)};
            },
            address);
        EXPECT_EQ(text_of(probe(target(server.address(), server.port()))), "good");
    }
}

TEST_P(DatagramTest, AClosedPortFailsAtOnce) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        const ClosedPort closed(address);  // of TCP
        EXPECT_EQ(text_of(probe(target(address, closed.port()))),
                  "failed: port unreachable: nothing listens there");
    }
}

TEST_P(DatagramTest, AServerThatSaysNothingFails) {
    const UdpServer server([](const std::string&) { return std::vector<std::string>(); });
    Target silent = target(server.address(), server.port());
    silent.check.timeout_ms = kShort_ms;
    EXPECT_EQ(text_of(probe(silent)), "failed: no answer within 100 ms");
}

TEST_P(DatagramTest, AServerThatSaysTooMuchFails) {
    const UdpServer server(
        [](const std::string&) { return std::vector<std::string>(40, std::string(2000, 'x')); });
    Target loud = target(server.address(), server.port());
    loud.check.timeout_ms = 300;
    const ProbeResult result = probe(loud);
    EXPECT_EQ(result.kind, ProbeResult::Kind::kFailed);
    EXPECT_FALSE(result.reason.empty());
}

TEST_P(DatagramTest, WithoutDescriptorsThereIsNoResult) {
    const UdpServer server(
        [](const std::string& datagram) { return std::vector<std::string>{answer(datagram)}; });
    const test::NoDescriptors none;
    EXPECT_EQ(text_of(probe(target(server.address(), server.port()))),
              "none: not checked: Too many open files");
}

TEST_P(DatagramTest, ALateLoopSeesNoFailureWhereItLookedTooLate) {
    const UdpServer server([](const std::string&) { return std::vector<std::string>(); });
    Target late = target(server.address(), server.port());
    late.check.timeout_ms = 10;
    late.check.receive = "";
    const auto probe = prober_.start(late, [&](const ProbeResult& result) {
        EXPECT_EQ(result.kind, ProbeResult::Kind::kNone);
        loop_.stop();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    loop_.run();
}

INSTANTIATE_TEST_SUITE_P(Types, DatagramTest, testing::Values("udp", "dns"),
                         [](const auto& one) { return std::string(one.param); });

TEST_F(ProbeTest, WithoutATextToReceiveAUdpPortIsGoodUnlessItIsUnreachable) {
    const UdpServer server([](const std::string&) { return std::vector<std::string>(); });
    Target unanswered = make_target(config::CheckType::kUdp, server.address(), server.port());
    unanswered.check.send = "PING";
    unanswered.check.timeout_ms = kShort_ms;
    EXPECT_EQ(text_of(probe(unanswered)), "good");
    const ClosedPort closed;
    unanswered.check.port = closed.port();
    EXPECT_EQ(text_of(probe(unanswered)), "failed: port unreachable: nothing listens there");
}

}  // namespace
}  // namespace vipfwd::health
