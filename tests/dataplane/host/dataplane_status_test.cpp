// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/dataplane_status.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <memory>

namespace vipfwd::host {
namespace {

class DataplaneStatusTest : public testing::Test {
  protected:
    // What a previous dataplane has left.
    DataplaneStatusTest() {
        status_->pid.store(7);
        status_->rejected_generation.store(5);
        status_->workers[31].heartbeat_ns.store(1);
        status_->workers[31].generation.store(4);
        status_->workers[31].counters.held.set(3);
        status_->workers[31].counters.received_packets.set(100);
        status_->censuses[31].begin(2, 4);
        status_->censuses[31].finish();
        status_->ports[1].state.store(static_cast<std::uint64_t>(abi::PortState::kUp));
        status_->ports[1].received_packets.set(200);
    }
    bool is_absent(std::size_t port) const {
        return status_->ports[port].state.load() ==
               static_cast<std::uint64_t>(abi::PortState::kAbsent);
    }

    std::unique_ptr<abi::DataplaneStatus> status_ = std::make_unique<abi::DataplaneStatus>();
};

TEST_F(DataplaneStatusTest, AStartResetsAllButCounters) {
    abi::BootParameters boot{};
    std::strcpy(boot.gateway, "gw1");
    begin_status(*status_, boot, 1234);
    EXPECT_EQ(status_->pid.load(), static_cast<std::uint64_t>(getpid()));
    EXPECT_EQ(status_->started_at_s.load(), 1234u);
    EXPECT_STREQ(status_->booted.gateway, "gw1");
    EXPECT_EQ(status_->rejected_generation.load(), 0u);
    EXPECT_EQ(status_->workers[31].heartbeat_ns.load(), 0u);
    EXPECT_EQ(status_->workers[31].generation.load(), 0u);
    EXPECT_EQ(status_->workers[31].counters.held.read(), 0u) << "a gauge, whose fragments are lost";
    EXPECT_FALSE(status_->censuses[31].is_done(2)) << "of a flow table that is gone";
    EXPECT_TRUE(is_absent(1));
    EXPECT_EQ(status_->workers[31].counters.received_packets.read(), 100u);
    EXPECT_EQ(status_->ports[1].received_packets.read(), 200u);
}

TEST_F(DataplaneStatusTest, AtTheEndNoDataplaneRunsAndCountersStay) {
    end_status(*status_);
    EXPECT_EQ(status_->pid.load(), 0u);
    EXPECT_TRUE(is_absent(1));
    EXPECT_EQ(status_->workers[31].counters.received_packets.read(), 100u);
}

}  // namespace
}  // namespace vipfwd::host
