// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/transmit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

using abi::DropReason;
using packet::Action;

constexpr std::uint16_t kQueue = 3;

// Devices 10, 11 are those of ports 0, 1.
class Transmit : public testing::Test {
  protected:
    static constexpr std::uint32_t kFrameBytes = 60;

    Transmit() {
        for (std::uint8_t port = 0; port < 2; ++port)
            tables_->backends[port].port = port;
    }

    // A packet that came in at port 0; forwarded, it leaves by `port`.
    std::size_t add(Action action, std::uint8_t port = 0) {
        const std::size_t place = burst_.count++;
        burst_.frames[place] = packet::Frame(bytes_, kFrameBytes, kFrameBytes, 0, 0);
        burst_.packets[place] = {};
        burst_.packets[place].action = action;
        burst_.packets[place].backend = port;
        buffers_[place] = &storage_[place];
        return place;
    }

    void transmit() { transmitter_.transmit(*tables_, buffers_, burst_, counters_); }
    bool transmit_common() {
        return transmitter_.transmit_common(*tables_, buffers_, burst_, counters_);
    }

    // Buffers by their places in the burst.
    std::vector<std::size_t> places(const std::vector<rte_mbuf*>& buffers) const {
        std::vector<std::size_t> places;
        for (const rte_mbuf* buffer : buffers)
            places.push_back(static_cast<std::size_t>(buffer - storage_.data()));
        return places;
    }

    using Places = std::vector<std::size_t>;
    // All that transmitting brought about.
    struct Outcome {
        std::array<Places, 2> sent;  // by port
        Places freed;
        std::uint64_t packets;
        std::uint64_t bytes;
        std::vector<std::pair<Action, DropReason>> ends;

        bool operator==(const Outcome&) const = default;
    };
    Outcome outcome() {
        Outcome outcome{{places(wire_.sent[10]), places(wire_.sent[11])},
                        places(wire_.freed),
                        counters_.transmitted_packets.read(),
                        counters_.transmitted_bytes.read(),
                        {}};
        for (const packet::Packet& packet : burst_.all_packets())
            outcome.ends.emplace_back(packet.action, packet.reason);
        return outcome;
    }

    void forget() {
        wire_.sent.clear();
        wire_.freed.clear();
        counters_ = {};
        burst_.count = 0;
    }

    FakeWire wire_;
    std::unique_ptr<packet::Tables> tables_ = std::make_unique<packet::Tables>();
    abi::WorkerCounters counters_{};
    packet::Burst burst_;
    Buffers buffers_{};
    std::array<rte_mbuf, packet::kBurstSize> storage_{};
    std::uint8_t bytes_[kFrameBytes] = {};
    Transmitter transmitter_{wire_, {{10, true}, {11, false}}, kQueue};
};

TEST_F(Transmit, ForwardedPacketsLeaveByTheirBackendsPortAnswersByTheirOwn) {
    add(Action::kForward, 1);
    add(Action::kForward, 0);
    add(Action::kAnswer, 1);
    add(Action::kForward, 1);
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({1, 2}));
    EXPECT_EQ(places(wire_.sent[11]), Places({0, 3}));
    EXPECT_TRUE(wire_.freed.empty());
    EXPECT_EQ(counters_.transmitted_packets.read(), 4u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), 4 * kFrameBytes);
}

TEST_F(Transmit, WhatDoesNotLeaveIsFreed) {
    add(Action::kDrop);
    add(Action::kForward);
    add(Action::kToKernel);
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({1}));
    EXPECT_EQ(places(wire_.freed), Places({0, 2}));
    EXPECT_EQ(counters_.transmitted_packets.read(), 1u);
}

TEST_F(Transmit, AQueueThatStaysFullMakesDropsOfTheRest) {
    for (int i = 0; i < 5; ++i)
        add(Action::kForward);
    wire_.room[10] = 2;
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({0, 1}));
    EXPECT_EQ(places(wire_.freed), Places({2, 3, 4}));
    EXPECT_EQ(counters_.transmitted_packets.read(), 2u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), 2 * kFrameBytes);
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(burst_.packets[i].action, i < 2 ? Action::kForward : Action::kDrop);
    EXPECT_EQ(burst_.packets[4].reason, DropReason::kTransmitFull);
    EXPECT_LT(wire_.queues.size(), 100u);
}

TEST_F(Transmit, AQueueThatTakesAFewAtATimeIsOfferedTheRestAgain) {
    for (int i = 0; i < 5; ++i)
        add(Action::kForward);
    wire_.takes_at_once = 2;
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({0, 1, 2, 3, 4}));
    EXPECT_EQ(wire_.queues, std::vector<std::uint16_t>(3, kQueue));
    EXPECT_EQ(counters_.transmitted_packets.read(), 5u);
}

TEST_F(Transmit, AFullPortDoesNotHoldUpAnother) {
    add(Action::kForward, 0);
    add(Action::kForward, 1);
    wire_.room[10] = 0;
    transmit();
    EXPECT_EQ(places(wire_.sent[11]), Places({1}));
    EXPECT_EQ(places(wire_.freed), Places({0}));
}

TEST_F(Transmit, NothingOfABurstIsLeftForTheNext) {
    add(Action::kForward);
    wire_.room[10] = 0;
    transmit();
    wire_.room[10] = 1000;
    burst_.count = 0;
    add(Action::kDrop);
    add(Action::kForward);
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({1}));
}

TEST_F(Transmit, AChainLeavesOnlyByAPortThatTakesIt) {
    storage_[add(Action::kForward, 0)].chain = true;
    storage_[add(Action::kForward, 1)].chain = true;
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({0}));
    EXPECT_EQ(places(wire_.freed), Places({1}));
    EXPECT_EQ(burst_.packets[1].action, Action::kDrop);
    EXPECT_EQ(burst_.packets[1].reason, DropReason::kTooBig);
}

TEST_F(Transmit, WhatIsGoneAlreadyIsLeftAlone) {
    for (const Action action : {Action::kHold, Action::kHandOff, Action::kSplit, Action::kToKernel})
        buffers_[add(action)] = nullptr;
    add(Action::kForward);
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({4}));
    EXPECT_TRUE(wire_.freed.empty());
}

TEST_F(Transmit, TheCommonWayComesToTheSame) {
    const auto outcome_of = [&](bool common, std::uint8_t port, std::size_t room) {
        forget();
        for (std::uint32_t i = 0; i < 5; ++i)
            burst_.frames[add(Action::kForward, port)].truncate(kFrameBytes - i);
        wire_.room[10] = wire_.room[11] = room;
        if (common)
            EXPECT_TRUE(transmit_common());
        else
            transmit();
        return outcome();
    };
    for (const std::size_t takes_at_once : {2, 32}) {
        wire_.takes_at_once = takes_at_once;
        for (std::uint8_t port = 0; port < 2; ++port) {
            for (const std::size_t room : {0, 1, 4, 5, 1000})
                EXPECT_EQ(outcome_of(true, port, room), outcome_of(false, port, room));
        }
    }
}

TEST_F(Transmit, AnOddBurstIsLeftToTheGeneralWay) {
    for (const Action action : {Action::kSplit, Action::kAnswer, Action::kToKernel, Action::kHold,
                                Action::kHandOff, Action::kDrop}) {
        for (const std::size_t place : {0, 1, 2}) {
            forget();
            for (std::size_t i = 0; i < 3; ++i)
                add(i == place ? action : Action::kForward);
            burst_.packets[place].backend = packet::kNone;
            const Outcome before = outcome();
            EXPECT_FALSE(transmit_common());
            EXPECT_EQ(outcome(), before);
        }
    }
}

TEST_F(Transmit, ABurstForTwoPortsIsLeftToTheGeneralWay) {
    add(Action::kForward, 1);
    add(Action::kForward, 0);
    EXPECT_FALSE(transmit_common());
    transmit();
    EXPECT_EQ(places(wire_.sent[10]), Places({1}));
    EXPECT_EQ(places(wire_.sent[11]), Places({0}));
}

TEST_F(Transmit, AChainIsCommonWhereThePortTakesIt) {
    for (std::uint8_t port = 0; port < 2; ++port) {
        forget();
        add(Action::kForward, port);
        storage_[add(Action::kForward, port)].chain = true;
        EXPECT_EQ(transmit_common(), port == 0);
    }
    EXPECT_TRUE(wire_.sent[11].empty());
    transmit();
    EXPECT_EQ(places(wire_.sent[11]), Places({0}));
    EXPECT_EQ(burst_.packets[1].reason, DropReason::kTooBig);
}

TEST_F(Transmit, NothingIsNoCommonBurst) {
    EXPECT_FALSE(transmit_common());
}

TEST_F(Transmit, AWholeBurstFits) {
    for (std::uint32_t i = 0; i < packet::kBurstSize; ++i)
        add(Action::kForward);
    transmit();
    EXPECT_EQ(wire_.sent[10].size(), packet::kBurstSize);
    EXPECT_EQ(wire_.queues, std::vector<std::uint16_t>{kQueue});
}

}  // namespace
}  // namespace vipfwd::path
