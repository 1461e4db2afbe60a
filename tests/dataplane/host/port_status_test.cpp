// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/port_status.h"

#include <gtest/gtest.h>

#include <memory>

namespace vipfwd::host {
namespace {

const PortFacts kFacts{{{2, 0, 0, 0, 0, 9}}, 1500, 1500};

PortReading reading(std::uint64_t packets) {
    PortReading reading;
    reading.state = abi::PortState::kUp;
    reading.received_packets = packets;
    reading.transmit_errors = packets / 10;
    return reading;
}

class PortStatus : public testing::Test {
  protected:
    std::uint64_t received() const { return status_->ports[0].received_packets.read(); }

    PortStatusWriter writer_;
    std::unique_ptr<abi::DataplaneStatus> status_ = std::make_unique<abi::DataplaneStatus>();
};

TEST_F(PortStatus, HasTheStateAndCountersOfTheDevice) {
    writer_.begin(*status_, {reading(0)});
    writer_.write(*status_, {reading(50)}, {kFacts});
    const abi::PortStatus& port = status_->ports[0];
    EXPECT_EQ(port.state.load(), static_cast<std::uint64_t>(abi::PortState::kUp));
    EXPECT_EQ(port.mac.load(), 0x090000000002u);
    EXPECT_EQ(port.mtu.load(), 1500u);
    EXPECT_EQ(port.received_packets.read(), 50u);
    EXPECT_EQ(port.transmit_errors.read(), 5u);
}

TEST_F(PortStatus, CountersContinueWhereAPreviousDataplaneLeftThem) {
    status_->ports[0].received_packets.set(1000);
    writer_.begin(*status_, {reading(0)});
    writer_.write(*status_, {reading(50)}, {kFacts});
    EXPECT_EQ(received(), 1050u);
}

TEST_F(PortStatus, CountersOfANewRegionStartAtZero) {
    writer_.begin(*status_, {reading(700)});
    writer_.write(*status_, {reading(750)}, {kFacts});
    EXPECT_EQ(received(), 50u);
}

TEST_F(PortStatus, APortWithoutALinkIsDown) {
    writer_.begin(*status_, {reading(0)});
    writer_.write(*status_, {PortReading{}}, {kFacts});
    EXPECT_EQ(status_->ports[0].state.load(), static_cast<std::uint64_t>(abi::PortState::kDown));
    EXPECT_EQ(status_->ports[1].state.load(), static_cast<std::uint64_t>(abi::PortState::kAbsent));
}

TEST_F(PortStatus, TellsOfClosedPortsAndUnopenedQueues) {
    writer_.begin(*status_, {reading(0)});
    PortReading closed = reading(20);
    closed.state = abi::PortState::kNoInterface;
    closed.openings = 3;
    closed.unopened_queues = 2;
    writer_.write(*status_, {closed}, {kFacts});
    const abi::PortStatus& port = status_->ports[0];
    EXPECT_EQ(port.state.load(), static_cast<std::uint64_t>(abi::PortState::kNoInterface));
    EXPECT_EQ(port.openings.load(), 3u);
    EXPECT_EQ(port.unopened_queues.load(), 2u);
    EXPECT_EQ(received(), 20u);
}

TEST(PortReading, CountersOfSeveralDevicesAddUp) {
    PortReading sum = reading(20);
    add_counters(sum, reading(30));
    EXPECT_EQ(sum.received_packets, 50u);
    EXPECT_EQ(sum.transmit_errors, 5u);
}

}  // namespace
}  // namespace vipfwd::host
