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
    EXPECT_EQ(to_string(target_of(pool, backend)), "tcp 10.0.0.11:80");
    backend.check_address = parse_ip("10.9.0.11");
    backend.check_port = 8080;
    EXPECT_EQ(to_string(target_of(pool, backend)), "tcp 10.9.0.11:8080");
}

TEST(Target, OfAScriptIsThatOfOneBackendOfOnePool) {
    config::Pool pool;
    pool.name = "web";
    pool.check = {.type = config::CheckType::kScript};
    pool.check.command = {"/usr/local/bin/check", "-q"};
    config::Backend backend;
    backend.name = "web1";
    backend.address = *parse_ip("10.0.0.11");
    const Target target = target_of(pool, backend);
    EXPECT_EQ(to_string(target), "script /usr/local/bin/check 10.0.0.11");
    pool.name = "other";
    EXPECT_NE(target_of(pool, backend), target);
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
}

}  // namespace
}  // namespace vipfwd::health
