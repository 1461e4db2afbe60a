// SPDX-License-Identifier: Apache-2.0
// What probes of all types have in common.
#include "control/health/prober.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/control/health/probe_fixture.h"
#include "tests/control/health/test_server.h"
#include "tests/no_descriptors.h"

namespace vipfwd::health {
namespace {

using test::BlackHole;
using test::ClosedPort;
using test::TestServer;

struct ProbeCase {
    const char* name;
    config::CheckType type;
    bool is_quiet = false;  // of TCP: nothing is sent or expected
};

class ProberTest : public ProbeTest, public testing::WithParamInterface<ProbeCase> {
  protected:
    Target target(const std::string& address, std::uint16_t port) {
        Target made = make_target(GetParam().type, address, port);
        if (GetParam().type == config::CheckType::kTcp && !GetParam().is_quiet) {
            made.check.send = "PING";
            made.check.receive = "200 OK";
        }
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
    const TestServer server([](int socket) {
        test::send_all(socket, test::kFine);
        test::receive_to_end(socket);
    });
    const Target good = target(server);
    {
        const test::NoDescriptors none;
        EXPECT_EQ(text_of(probe(good)), "none: not checked: Too many open files");
    }
    EXPECT_EQ(text_of(probe(good)), "good");
}

TEST_P(ProberTest, AProbeMayBeDestroyedFromItsCallback) {
    const TestServer server([](int socket) {
        test::send_all(socket, test::kFine);
        test::receive_to_end(socket);
    });
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

constexpr ProbeCase kQuiet{"quiet", config::CheckType::kTcp, true};
constexpr ProbeCase kExchange{"exchange", config::CheckType::kTcp};
constexpr ProbeCase kHttp{"http", config::CheckType::kHttp};

std::string name_of(const testing::TestParamInfo<ProbeCase>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Types, ProberTest, testing::Values(kQuiet, kExchange, kHttp), name_of);
INSTANTIATE_TEST_SUITE_P(Types, AnswerTest, testing::Values(kExchange, kHttp), name_of);

}  // namespace
}  // namespace vipfwd::health
