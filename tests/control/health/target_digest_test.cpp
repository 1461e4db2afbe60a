// SPDX-License-Identifier: Apache-2.0
#include "control/health/target_digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

Target http() {
    Target target{.address = *parse_ip("10.0.0.11"), .check = {}};
    target.check.type = config::CheckType::kHttp;
    target.check.port = 80;
    return target;
}

TEST(TargetDigest, IsTheSameInEachRunOfControl) {
    EXPECT_EQ(target_digest(http()), 13047284799071614712u);
    EXPECT_EQ(target_digest(http()), target_digest(Target(http())));
}

TEST(TargetDigest, DependsOnAllThatMakesChecksDiffer) {
    const std::vector<std::function<void(Target&)>> changes = {
        [](Target&) {},
        [](Target& t) { t.address = *parse_ip("10.0.0.12"); },
        [](Target& t) { t.pool = "ab"; },
        [](Target& t) { t.pool = "a", t.backend = "b"; },
        [](Target& t) { t.tunnel = Tunnel{}; },
        [](Target& t) {
            t.tunnel = Tunnel{*parse_ip("10.0.0.100"), abi::Forward::kIpip};
        },
        [](Target& t) {
            t.tunnel = Tunnel{*parse_ip("10.0.0.100"), abi::Forward::kGue};
        },
        [](Target& t) { t.check.type = config::CheckType::kTcp; },
        [](Target& t) { t.check.via = config::Via::kTunnel; },
        [](Target& t) { t.check.port = 81; },
        [](Target& t) { t.check.interval_ms = 7; },
        [](Target& t) { t.check.fast_interval_ms = 7; },
        [](Target& t) { t.check.timeout_ms = 7; },
        [](Target& t) { t.check.rise = 7; },
        [](Target& t) { t.check.fall = 7; },
        [](Target& t) { t.check.agent_port = 7; },
        [](Target& t) { t.check.send = "x"; },
        [](Target& t) { t.check.receive = "x"; },
        [](Target& t) { t.check.path = "/x"; },
        [](Target& t) { t.check.host = "x"; },
        [](Target& t) {
            t.check.expect = {{200, 200}};
        },
        [](Target& t) { t.check.contains = "x"; },
        [](Target& t) { t.check.verify = false; },
        [](Target& t) { t.check.ca_file = "x"; },
        [](Target& t) { t.check.user = "x"; },
        [](Target& t) { t.check.password_file = "x"; },
        [](Target& t) { t.check.allow_donor = true; },
        [](Target& t) { t.check.allow_read_only = true; },
        [](Target& t) { t.check.handshake_interval_ms = 7; },
        [](Target& t) { t.check.name = "x"; },
        [](Target& t) { t.check.record = config::DnsType::kSoa; },
        [](Target& t) { t.check.expect_rcode = config::DnsRcode::kNxDomain; },
        [](Target& t) { t.check.expect_answer = "x"; },
        [](Target& t) { t.check.command = {"ab"}; },
        [](Target& t) {
            t.check.command = {"a", "b"};
        },
    };
    std::set<std::uint64_t> digests;
    for (const auto& change : changes) {
        Target target = http();
        change(target);
        digests.insert(target_digest(target));
    }
    EXPECT_EQ(digests.size(), changes.size());
    EXPECT_FALSE(digests.contains(0));
}

TEST(TargetDigest, TellsNothingOfPasswords) {
    Target target = http();
    target.check.password = "secret";
    EXPECT_EQ(target_digest(target), target_digest(http()));
}

}  // namespace
}  // namespace vipfwd::health
