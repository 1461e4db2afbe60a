// SPDX-License-Identifier: Apache-2.0
#include "control/table/draining_flows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/mapping.h"
#include "tests/control/table/publish_fixture.h"

namespace vipfwd::table {
namespace {

constexpr std::uint64_t kCounted = 3;

// The second backend of the pool "web" drains; there are two workers.
class DrainingFlowsTest : public ::testing::Test {
  protected:
    DrainingFlowsTest() {
        config_.pools[0].backends[1].weight = 0;
        tables_ = sample::must_build(config_).tables;
        for (const std::uint32_t worker : {0u, 5u}) {
            status_->workers[worker].heartbeat_ns.store(1);
            status_->censuses[worker].begin(kCounted, 1);
            status_->censuses[worker].finish();
        }
    }
    std::vector<DrainingFlows> count() const {
        return count_draining(watch_draining(tables_), {status_, kCounted});
    }
    abi::BackendEntry& draining() { return tables_.backends[tables_.pools[0].backend_base + 1]; }

    config::Config config_ = sample::config();
    Tables tables_;
    const abi::RegionMapping region_ = abi::RegionMapping::create("vipfwd-test", false).value();
    abi::RegionMapping dataplane_ =
        abi::RegionMapping::map(duplicate(region_.fd()), abi::RegionSide::kDataplane).value();
    abi::DataplaneStatus* const status_ = &dataplane_.status_for_writing();
};

TEST_F(DrainingFlowsTest, TheFlowsOfAllWorkersAreAddedUp) {
    const DrainingWatch watch = watch_draining(tables_);
    ASSERT_EQ(watch.backends.size(), 1u);
    EXPECT_EQ(watch.keys, std::vector<std::uint32_t>{
                              abi::WatchedBackends::key(tables_.services[0].flow_class, 1)});
    status_->censuses[0].watched[0].set(3);
    status_->censuses[5].watched[0].set(4);
    const std::vector<DrainingFlows> counted = count();
    ASSERT_EQ(counted.size(), 1u);
    const DrainingFlows* found = find_draining(counted, "web", draining().address);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->flows, 7u);
    EXPECT_EQ(find_draining(counted, "db", draining().address), nullptr);
    EXPECT_EQ(find_draining(counted, "web", parse_ip("10.9.9.9").value()), nullptr);
}

TEST_F(DrainingFlowsTest, NothingIsKnownBeforeAllWorkersAreDone) {
    status_->censuses[5].begin(kCounted, 1);
    EXPECT_TRUE(count().empty());
}

TEST_F(DrainingFlowsTest, ABackendOfBadHealthIsNotCounted) {
    draining().health = static_cast<std::uint8_t>(abi::BackendHealth::kDown);
    EXPECT_TRUE(watch_draining(tables_).keys.empty());
}

TEST_F(DrainingFlowsTest, OnlySoManyAreCounted) {
    for (abi::PoolEntry& pool : tables_.pools)
        std::ranges::fill(pool.flow_classes, ~std::uint64_t{0});
    EXPECT_TRUE(watch_draining(tables_).backends.empty());
}

}  // namespace
}  // namespace vipfwd::table
