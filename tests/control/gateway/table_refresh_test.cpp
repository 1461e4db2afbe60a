// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/table_refresh.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "dataplane/abi/clock.h"
#include "tests/control/gateway/fake_dataplane.h"
#include "tests/control/table/sample.h"

namespace vipfwd::gateway {
namespace {

class TableRefreshTest : public testing::Test {
  protected:
    TableRefreshTest() { config_.dataplane.memory = abi::Memory::kNormal; }

    PublishInputs inputs() {
        ++inputs_taken_;
        return {.config = std::make_shared<const config::Config>(config_),
                .facts = table::sample::facts(),
                .facts_are_complete = complete_,
                .dataplane_is_connected = connected_,
                .dataplane_is_ready = connected_};
    }
    void provide_region() { ASSERT_TRUE(publishing_.provide_region({}, config_)); }
    void set_weight(std::uint32_t weight) { config_.pools[0].backends[0].weight = weight; }
    std::uint32_t weight_in_force() {
        return publishing_.publisher()->in_force().backends.at(0).weight;
    }
    void request() {
        tables_.request([this] { ++done_; });
    }
    bool run_until_done(int count) {
        return run_until(loop_, [&] { return done_ == count; });
    }

    config::Config config_ = table::sample::config();
    bool complete_ = true;
    bool connected_ = false;
    int inputs_taken_ = 0;
    int done_ = 0;
    std::vector<std::uint64_t> published_;
    std::vector<std::int64_t> requested_ns_;  // for each of them
    Loop loop_;
    Publishing publishing_;
    TableRefresh tables_{loop_,
                         publishing_,
                         {.inputs = [this] { return inputs(); },
                          .published =
                              [this](std::uint64_t generation, std::int64_t requested_ns) {
                                  published_.push_back(generation);
                                  requested_ns_.push_back(requested_ns);
                              }}};
};

TEST_F(TableRefreshTest, ARequestIsDoneWhenItsTablesAreInForce) {
    provide_region();
    set_weight(7);
    request();
    EXPECT_EQ(done_, 0) << "the tables are built beside the loop";
    ASSERT_TRUE(run_until_done(1));
    EXPECT_EQ(published_, std::vector<std::uint64_t>{1});
    EXPECT_EQ(weight_in_force(), 7u);
}

TEST_F(TableRefreshTest, TablesThatAreInForceAlreadyAreNotPublishedAgain) {
    provide_region();
    request();
    request();
    ASSERT_TRUE(run_until_done(2));
    EXPECT_EQ(published_, std::vector<std::uint64_t>{1});
}

TEST_F(TableRefreshTest, PublishedTellsSinceWhenItWasAskedFor) {
    provide_region();
    const std::int64_t began_ns = monotonic_ns();
    set_weight(1);
    request();
    set_weight(2);
    const std::int64_t building_ns = monotonic_ns();
    request();
    const std::int64_t later_ns = monotonic_ns();
    request();
    ASSERT_TRUE(run_until_done(3));
    ASSERT_EQ(requested_ns_.size(), 2u);
    EXPECT_GE(requested_ns_[0], began_ns);
    EXPECT_LE(requested_ns_[0], building_ns);
    EXPECT_GE(requested_ns_[1], building_ns) << "the first of those that came meanwhile";
    EXPECT_LE(requested_ns_[1], later_ns);
}

TEST_F(TableRefreshTest, RequestsThatComeMeanwhileShareOneFurtherBuild) {
    provide_region();
    for (std::uint32_t weight = 1; weight <= 50; ++weight) {
        set_weight(weight);
        request();
    }
    ASSERT_TRUE(run_until_done(50));
    EXPECT_EQ(inputs_taken_, 2);
    EXPECT_EQ(published_, (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(weight_in_force(), 50u);
}

TEST_F(TableRefreshTest, WithoutARegionARequestIsDoneAtOnce) {
    request();
    EXPECT_EQ(done_, 1);
}

TEST_F(TableRefreshTest, ARequestIsDoneWhenItHasToWaitForTheDataplane) {
    provide_region();
    request();
    ASSERT_TRUE(run_until_done(1));
    abi::Fd copy(fcntl(publishing_.publisher()->region().fd(), F_DUPFD_CLOEXEC, 0));
    auto region = abi::RegionMapping::map(std::move(copy), abi::RegionSide::kDataplane).value();
    region.status_for_writing().workers[0].heartbeat_ns.store(1);
    connected_ = true;  // and its worker has not taken generation 1
    set_weight(7);
    request();
    EXPECT_EQ(done_, 2);
    EXPECT_TRUE(publishing_.pending());
    region.status_for_writing().workers[0].generation.store(1);
    request();
    ASSERT_TRUE(run_until_done(3));
    EXPECT_EQ(weight_in_force(), 7u);
}

TEST_F(TableRefreshTest, ARequestWaitsForFactsThatAreIncomplete) {
    provide_region();
    complete_ = false;
    request();
    EXPECT_EQ(done_, 0);
    EXPECT_TRUE(publishing_.pending());
    complete_ = true;
    tables_.request();  // as the network does when they are complete
    ASSERT_TRUE(run_until_done(1));
    EXPECT_EQ(published_, std::vector<std::uint64_t>{1});
}

}  // namespace
}  // namespace vipfwd::gateway
