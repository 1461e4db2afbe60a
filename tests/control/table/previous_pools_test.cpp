// SPDX-License-Identifier: Apache-2.0
#include "control/table/previous_pools.h"

#include <gtest/gtest.h>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

class PreviousPools : public ::testing::Test {
  protected:
    // The index of the pool in the previous generation, -1: it is new.
    std::ptrdiff_t previous_of(std::size_t pool) const {
        const abi::PoolEntry* const entry = find_previous_pools(config_, tables_).at(pool);
        return entry != nullptr ? entry - tables_.pools.data() : -1;
    }

    config::Config config_ = sample::config();
    Tables tables_ = sample::must_build(config_).tables;
};

TEST_F(PreviousPools, APoolIsTheOneOfItsName) {
    EXPECT_EQ(previous_of(0), 0);
    EXPECT_EQ(previous_of(1), 1);
}

TEST_F(PreviousPools, ARenamedPoolIsTheOneThatItsServicesHad) {
    config_.pools[0].name = "new";
    EXPECT_EQ(previous_of(0), 0);
    EXPECT_EQ(previous_of(1), 1);
    config_.pools[0].backends.pop_back();
    EXPECT_EQ(previous_of(0), 0) << "two of three backends are the same";
    config_.pools[0].backends.pop_back();
    EXPECT_EQ(previous_of(0), -1) << "most of them are others";
}

TEST_F(PreviousPools, BothPoolsMayBeRenamed) {
    config_.pools[0].name = "a";
    config_.pools[1].name = "b";
    EXPECT_EQ(previous_of(0), 0);
    EXPECT_EQ(previous_of(1), 1);
}

TEST_F(PreviousPools, NamesThatAreExchangedCountAsTheyAre) {
    std::swap(config_.pools[0].name, config_.pools[1].name);
    EXPECT_EQ(previous_of(0), 1);
    EXPECT_EQ(previous_of(1), 0);
}

TEST_F(PreviousPools, APoolBesideTheFormerOneIsNew) {
    config::Pool copy = config_.pools[0];
    copy.name = "new";
    config_.pools.push_back(copy);
    config_.services[0].pool = 2;
    EXPECT_EQ(previous_of(2), -1) << "the former one is still there";
}

TEST_F(PreviousPools, APoolWhoseServicesAreSplitIsGone) {
    config_.services.push_back(sample::service("more", "10.0.0.100", 81, 0));
    tables_ = sample::must_build(config_).tables;
    config_.pools[0].name = "new";
    config_.pools.push_back(config_.pools[0]);
    config_.pools[2].name = "other";
    config_.services[2].pool = 2;
    EXPECT_EQ(previous_of(0), -1);
    EXPECT_EQ(previous_of(2), -1);
}

TEST_F(PreviousPools, WithoutItsServicesAPoolIsNotRecognized) {
    config_.pools[0].name = "new";
    config_.services.erase(config_.services.begin());
    EXPECT_EQ(previous_of(0), -1);
}

TEST_F(PreviousPools, ARenamedPoolKeepsItsSaltAndIndices) {
    config_.pools[0].name = "new";
    std::swap(config_.pools[0].backends[0], config_.pools[0].backends[2]);
    const Build made = sample::must_build(config_, tables_);
    EXPECT_STREQ(made.tables.pools[0].name, "new");
    EXPECT_EQ(made.tables.pools[0].salt, tables_.pools[0].salt);
    EXPECT_EQ(made.tables.backends[0].address, tables_.backends[0].address);
    EXPECT_TRUE(made.new_rings.empty());
}

}  // namespace
}  // namespace vipfwd::table
