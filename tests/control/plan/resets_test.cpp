// SPDX-License-Identifier: Apache-2.0
#include "control/plan/resets.h"

#include <gtest/gtest.h>

#include "dataplane/abi/flow_census.h"
#include "tests/control/table/sample.h"

namespace vipfwd::plan {
namespace {

using config::Config;
using table::sample::backend;
using table::sample::service;
using Keys = std::vector<std::uint32_t>;

// From the sample configuration, which is in force.
class FindResetsTest : public ::testing::Test {
  protected:
    Resets find() const { return find_resets(before_, after_, in_force_); }
    // Of flows to the backend with that index.
    std::uint32_t key(std::size_t service, std::uint16_t index) const {
        return abi::WatchedBackends::key(in_force_.services[service].flow_class, index);
    }
    void put_in_force(const Config& config) {
        before_ = after_ = config;
        in_force_ = table::sample::must_build(config).tables;
    }

    Config before_ = table::sample::config();
    Config after_ = before_;
    table::Tables in_force_ = table::sample::must_build(before_).tables;
};

TEST_F(FindResetsTest, TheSameConfigurationResetsNothing) {
    EXPECT_TRUE(find().services.empty());
    EXPECT_TRUE(find().backends.empty());
    EXPECT_TRUE(keys_of(find()).empty());
}

TEST_F(FindResetsTest, AServiceThatGoesToAnotherPoolLosesTheFlowsToItsBackends) {
    after_.pools.push_back(before_.pools[0]);
    after_.pools[2].name = "twin";
    after_.services[0].pool = 2;
    after_.services[0].name = "site";
    const Resets resets = find();
    ASSERT_EQ(resets.services.size(), 1u);
    EXPECT_EQ(resets.services[0].service, "site");
    EXPECT_EQ(resets.services[0].pool, "twin");
    EXPECT_EQ(resets.services[0].flows.keys, (Keys{key(0, 0), key(0, 1), key(0, 2)}));
    EXPECT_TRUE(resets.backends.empty());
}

TEST_F(FindResetsTest, ARenamedPoolIsTheSameOne) {
    after_.pools[0].name = "sites";
    EXPECT_TRUE(keys_of(find()).empty());
}

TEST_F(FindResetsTest, ARemovedBackendLosesTheFlowsOfAllServicesOfItsPool) {
    Config config = before_;
    config.services.push_back(service("api", "10.0.0.100", 8080, 0));
    put_in_force(config);
    after_.pools[0].backends.erase(after_.pools[0].backends.begin() + 1);
    const Resets resets = find();
    EXPECT_TRUE(resets.services.empty());
    ASSERT_EQ(resets.backends.size(), 1u);
    EXPECT_EQ(resets.backends[0].pool, "web");
    EXPECT_EQ(resets.backends[0].backend, "web2");
    EXPECT_EQ(resets.backends[0].new_pool, "");
    EXPECT_EQ(resets.backends[0].flows.keys, (Keys{key(0, 1), key(2, 1)}));
}

TEST_F(FindResetsTest, FlowsOfAServiceThatGoesAreCountedOnce) {
    after_.services[0].pool = 1;
    after_.pools[0].backends.pop_back();
    const Resets resets = find();
    EXPECT_EQ(resets.services.size(), 1u);
    ASSERT_EQ(resets.backends.size(), 1u);
    EXPECT_TRUE(resets.backends[0].flows.keys.empty());
    EXPECT_EQ(keys_of(resets).size(), 3u);
}

TEST_F(FindResetsTest, ABackendIsGivenToThePoolThatHasItFromNowOn) {
    after_.pools[1].backends.push_back(backend("db2", "10.0.0.13"));
    EXPECT_TRUE(find().backends.empty()) << "it is in both";
    after_.pools[0].backends.pop_back();
    ASSERT_EQ(find().backends.size(), 1u);
    EXPECT_EQ(find().backends[0].new_pool, "db");
    put_in_force([this] {
        Config config = before_;
        config.pools[1].backends.push_back(backend("db2", "10.0.0.13"));
        return config;
    }());
    after_.pools[0].backends.pop_back();
    ASSERT_EQ(find().backends.size(), 1u);
    EXPECT_EQ(find().backends[0].new_pool, "") << "the other pool has had it before";
}

TEST_F(FindResetsTest, APoolThatIsSplitLosesTheFlowsOfItsServices) {
    Config config = before_;
    config.services.push_back(service("api", "10.0.0.100", 8080, 0));
    put_in_force(config);
    after_.pools[0] = {"left", {}, {backend("web1", "10.0.0.11")}, {}};
    after_.pools.push_back({"right", {}, {backend("web2", "10.0.0.12")}, {}});
    after_.services[2].pool = 2;
    const Resets resets = find();
    ASSERT_EQ(resets.services.size(), 2u);
    EXPECT_EQ(resets.services[0].pool, "left");
    EXPECT_EQ(resets.services[1].pool, "right");
    EXPECT_EQ(keys_of(resets).size(), 6u);
}

TEST_F(FindResetsTest, MergedPoolsLoseTheFlowsOfAllServicesButOnePools) {
    after_.pools = {{"all", {}, before_.pools[0].backends, {}}};
    after_.pools[0].backends.push_back(before_.pools[1].backends[0]);
    after_.services[1].pool = 0;
    const Resets resets = find();
    ASSERT_EQ(resets.services.size(), 1u);
    EXPECT_EQ(resets.services[0].service, "db");
    EXPECT_EQ(resets.services[0].flows.keys, Keys{key(1, 0)});
}

TEST_F(FindResetsTest, FlowsThatAreNotPinnedCannotBeCounted) {
    Config config = before_;
    config.services[0].pin_flows = false;
    put_in_force(config);
    after_.pools[0].backends.pop_back();
    ASSERT_EQ(find().backends.size(), 1u);
    EXPECT_TRUE(find().backends[0].flows.has_unpinned);
    EXPECT_TRUE(find().backends[0].flows.keys.empty());
    after_.services[0].pool = 1;
    ASSERT_EQ(find().services.size(), 1u);
    EXPECT_TRUE(find().services[0].flows.has_unpinned);
}

TEST_F(FindResetsTest, RetiredBackendsHaveLostTheirFlowsAlready) {
    Config smaller = before_;
    smaller.pools[0].backends.pop_back();
    in_force_ = table::sample::must_build(smaller, in_force_).tables;
    ASSERT_EQ(in_force_.pools[0].backend_count, 3u);
    before_ = after_ = smaller;
    EXPECT_TRUE(find().backends.empty());
    after_.services[0].pool = 1;
    EXPECT_EQ(find().services[0].flows.keys.size(), 2u);
}

TEST_F(FindResetsTest, OfManyFlowsThoseThatNeedForceAreCounted) {
    Config config = before_;
    for (std::uint32_t i = 0; i < 2 * kMaxFlowKeys; ++i) {
        config.pools[0].backends.push_back(backend("more", "10.9.9.9"));
        config.pools[0].backends.back().address =
            IpAddress::from_v4(Be32::from_host(0x0b000000 + i));
    }
    put_in_force(config);
    const config::Backend last = config.pools[0].backends.back();
    after_.pools[0].backends = before_.pools[1].backends;
    after_.pools[1].backends.push_back(last);
    const Resets resets = find();
    ASSERT_EQ(resets.backends.size(), config.pools[0].backends.size());
    EXPECT_EQ(resets.backends.back().new_pool, "db");
    EXPECT_FALSE(resets.backends.back().flows.has_more_keys);
    EXPECT_EQ(keys_of(resets).size(), kMaxFlowKeys);
    EXPECT_EQ(keys_of(resets)[0], resets.backends.back().flows.keys[0]);
    EXPECT_TRUE(resets.backends[kMaxFlowKeys].flows.has_more_keys);
}

}  // namespace
}  // namespace vipfwd::plan
