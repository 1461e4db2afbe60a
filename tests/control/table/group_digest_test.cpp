// SPDX-License-Identifier: Apache-2.0
#include "control/table/group_digest.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using sample::ip;
using sample::must_build;

const std::vector<IpAddress> kVips = {ip("10.0.0.100"), ip("10.0.0.101")};

GroupDigest digest(const config::Config& config, const std::vector<IpAddress>& vips = kVips) {
    return group_digest(must_build(config).tables, vips);
}

TEST(GroupDigest, DoesNotDependOnNamesAndOrder) {
    config::Config other = sample::config();
    std::swap(other.pools[0], other.pools[1]);
    std::swap(other.services[0], other.services[1]);
    other.services[0].pool = 0;
    other.services[1].pool = 1;
    std::swap(other.pools[1].backends[0], other.pools[1].backends[2]);
    other.pools[0].name = "another name";
    other.services[0].name = "another name";
    other.pools[1].backends[0].name = "another name";
    EXPECT_EQ(digest(other), digest(sample::config()));
    EXPECT_EQ(digest(sample::config(), {kVips[1], kVips[0]}), digest(sample::config()));
}

TEST(GroupDigest, DoesNotDependOnHowTheTablesCameAbout) {
    config::Config earlier = sample::config();
    earlier.pools[0].backends.insert(earlier.pools[0].backends.begin(),
                                     sample::backend("web0", "10.0.0.10"));
    const Tables before = must_build(earlier).tables;
    const Tables tables = must_build(sample::config(), before, 5000).tables;
    EXPECT_NE(tables.backends.size(), must_build(sample::config()).tables.backends.size())
        << "a retired backend";
    EXPECT_EQ(group_digest(tables, kVips), digest(sample::config()));
}

TEST(GroupDigest, EachPartHasADigestOfItsOwn) {
    struct Case {
        const char* name;
        std::function<void(config::Config&)> change;
        bool key, services, backends;  // that differ
    };
    using Config = config::Config;
    const Case cases[] = {
        {"key", [](Config& one) { one.gateway.key->words[1] ^= 1; }, true, false, false},
        {"weight", [](Config& one) { one.pools[0].backends[1].weight = 50; }, false, false, true},
        {"drained", [](Config& one) { one.pools[0].backends[1].weight = 0; }, false, false, true},
        {"removed", [](Config& one) { one.pools[0].backends.pop_back(); }, false, false, true},
        {"address", [](Config& one) { one.pools[1].backends[0].address = ip("10.0.0.22"); }, false,
         false, true},
        {"pools", [](Config& one) { std::swap(one.services[0].pool, one.services[1].pool); }, false,
         false, true},
        {"port", [](Config& one) { one.services[0].port_last = 81; }, false, true, false},
        {"protocol", [](Config& one) { one.services[0].protocol = abi::Protocol::kUdp; }, false,
         true, false},
        {"forward", [](Config& one) { one.services[0].forward = abi::Forward::kGue; }, false, true,
         false},
        {"affinity", [](Config& one) { one.services[0].affinity = abi::Affinity::kSource; }, false,
         true, false},
        {"pinning", [](Config& one) { one.services[0].pin_flows = false; }, false, true, false},
        {"fewer", [](Config& one) { one.services.pop_back(); }, false, true, true},
    };
    const GroupDigest usual = digest(sample::config());
    for (const Case& one : cases) {
        config::Config config = sample::config();
        one.change(config);
        const GroupDigest changed = digest(config);
        EXPECT_EQ(changed.key != usual.key, one.key) << one.name;
        EXPECT_EQ(changed.services != usual.services, one.services) << one.name;
        EXPECT_EQ(changed.backends != usual.backends, one.backends) << one.name;
    }
}

// Gateways that find out different things about a backend have the same configuration.
TEST(GroupDigest, DoesNotDependOnWhatIsKnownOfBackends) {
    Tables tables = must_build(sample::config()).tables;
    tables.backends[0].state = static_cast<std::uint8_t>(abi::BackendState::kDown);
    tables.backends[0].health = static_cast<std::uint8_t>(abi::BackendHealth::kDown);
    tables.backends[1].state = static_cast<std::uint8_t>(abi::BackendState::kDraining);
    tables.backends[1].admin = static_cast<std::uint8_t>(abi::BackendAdmin::kDrain);
    tables.backends[2].ring_weight = 1;
    EXPECT_EQ(group_digest(tables, kVips), digest(sample::config()));
}

TEST(GroupDigest, IsOfTheGroupsVipsOnly) {
    config::Config config = sample::config();
    config.pools[1].backends[0].weight = 7;
    EXPECT_EQ(digest(config, {kVips[0]}), digest(sample::config(), {kVips[0]}));
    EXPECT_NE(digest(config, {kVips[1]}), digest(sample::config(), {kVips[1]}));
}

// It is all that others may learn of the key.
TEST(GroupDigest, OfTheKeyIsNoPartOfIt) {
    config::Config config = sample::config();
    std::set<std::uint32_t> seen;
    for (std::uint64_t i = 0; i < 64; ++i) {
        config.gateway.key = abi::HashKey{{std::uint64_t{1} << i, 0}};
        const std::uint32_t of_key = digest(config).key;
        EXPECT_NE(of_key, 0u);
        EXPECT_NE(of_key, static_cast<std::uint32_t>(config.gateway.key->words[0]));
        seen.insert(of_key);
    }
    EXPECT_EQ(seen.size(), 64u);
}

}  // namespace
}  // namespace vipfwd::table
