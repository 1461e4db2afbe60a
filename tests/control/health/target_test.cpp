// SPDX-License-Identifier: Apache-2.0
#include "control/health/target.h"

#include <gtest/gtest.h>

#include <string>

#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

Target make(const std::string& address, config::CheckType type) {
    Target target{.address = *parse_ip(address), .check = {}};
    target.check.type = type;
    target.check.port = 80;
    return target;
}

TEST(Target, IsShownAsWhatIsAsked) {
    Target target = make("10.0.0.11", config::CheckType::kTcp);
    EXPECT_EQ(to_string(target), "tcp 10.0.0.11:80");
    target = make("2001:db8::1", config::CheckType::kHttps);
    target.check.path = "/healthz";
    EXPECT_EQ(to_string(target), "https [2001:db8::1]:80/healthz");
    target = make("10.0.0.11", config::CheckType::kDns);
    target.check.name = "example.org";
    target.check.record = config::DnsType::kSoa;
    EXPECT_EQ(to_string(target), "dns 10.0.0.11:80 example.org SOA");
}

TEST(Target, IsTheBackendUnlessItIsCheckedElsewhere) {
    config::Pool pool;
    pool.check = {.type = config::CheckType::kTcp, .port = 80};
    config::Backend backend;
    backend.address = *parse_ip("10.0.0.11");
    EXPECT_EQ(to_string(target_of(pool, backend, {})), "tcp 10.0.0.11:80");
    const Tunnel tunnel{*parse_ip("10.0.0.100"), abi::Forward::kL2};
    EXPECT_EQ(to_string(target_of(pool, backend, tunnel)),
              "tcp 10.0.0.100:80 through l2 to 10.0.0.11");
    backend.check_address = parse_ip("10.9.0.11");
    backend.check_port = 8080;
    EXPECT_EQ(to_string(target_of(pool, backend, tunnel)), "tcp 10.9.0.11:8080");
}

TEST(Target, IsShownWithTheTunnelOnItsWay) {
    Target target = make("fd00::11", config::CheckType::kTcp);
    target.tunnel = {.vip = *parse_ip("10.0.0.100"), .forward = abi::Forward::kGue};
    EXPECT_EQ(to_string(target), "tcp 10.0.0.100:80 through gue to fd00::11");
}

TEST(Target, TheFirstServiceOfAPoolSaysWhichTunnel) {
    config::Config config;
    config.pools.resize(3);
    config.pools[0].check = {.type = config::CheckType::kTcp, .via = config::Via::kTunnel};
    config.pools[1].check = {.type = config::CheckType::kTcp};
    config.pools[2].check = {.type = config::CheckType::kNone, .via = config::Via::kTunnel};
    config.services.resize(4);
    config.services[0].pool = 1;
    config.services[1].vip = *parse_ip("10.0.0.100");
    config.services[1].forward = abi::Forward::kL2;
    config.services[2].vip = *parse_ip("10.0.0.101");
    config.services[3].pool = 2;
    const auto tunnels = tunnels_of_pools(config);
    ASSERT_EQ(tunnels.size(), 3u);
    EXPECT_EQ(tunnels[0], (Tunnel{*parse_ip("10.0.0.100"), abi::Forward::kL2}));
    EXPECT_FALSE(tunnels[1]);
    EXPECT_FALSE(tunnels[2]);
}

TEST(Target, OfAScriptIsThatOfOneBackendOfOnePool) {
    config::Pool pool;
    pool.name = "web";
    pool.check = {.type = config::CheckType::kScript};
    pool.check.command = {"/usr/local/bin/check", "-q"};
    config::Backend backend;
    backend.name = "web1";
    backend.address = *parse_ip("10.0.0.11");
    const Target target = target_of(pool, backend, {});
    EXPECT_EQ(to_string(target), "script /usr/local/bin/check 10.0.0.11");
    pool.name = "other";
    EXPECT_NE(target_of(pool, backend, {}), target);
}

TEST(Target, EqualOnesHaveEqualHashesAndOthersDiffer) {
    const Target target = make("10.0.0.11", config::CheckType::kHttp);
    EXPECT_EQ(TargetHash()(target), TargetHash()(Target(target)));
    Target other = target;
    other.check.port = 81;
    EXPECT_NE(TargetHash()(target), TargetHash()(other));
    other = target;
    other.check.path = "/healthz";
    EXPECT_NE(TargetHash()(target), TargetHash()(other));
    EXPECT_NE(TargetHash()(target), TargetHash()(make("10.0.0.12", config::CheckType::kHttp)));
    other = target;
    other.tunnel = {.vip = *parse_ip("10.0.0.100")};
    EXPECT_NE(TargetHash()(target), TargetHash()(other));
    EXPECT_NE(target, other);
}

}  // namespace
}  // namespace vipfwd::health
