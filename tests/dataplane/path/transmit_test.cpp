// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/transmit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

using abi::DropReason;
using packet::Action;

constexpr std::uint16_t kQueue = 3;

// Ports 0 and 1 are devices 10 and 11.
class Transmit : public testing::Test {
  protected:
    static constexpr std::uint32_t kFrameBytes = 60;

    Transmit() {
        for (std::uint8_t port = 0; port < 2; ++port)
            tables_->backends[port].port = port;
    }

    // Adds a packet that port 0 received. If it is forwarded, it leaves by `port`.
    std::size_t add(Action action, std::uint8_t port = 0) {
        const std::size_t index = burst_.count++;
        burst_.frames[index] = packet::Frame(bytes_, kFrameBytes, kFrameBytes, 0, 0);
        burst_.packets[index] = {};
        burst_.packets[index].action = action;
        burst_.packets[index].backend = port;
        buffers_[index] = &storage_[index];
        return index;
    }

    void add_random_burst(std::uint32_t seed);

    void transmit() { transmit({0, burst_.count}); }
    void transmit(Transmitter::Range range) {
        transmitter_.transmit(*tables_, buffers_, burst_, range, counters_);
    }
    bool transmit_common() {
        return transmitter_.transmit_common(*tables_, buffers_, burst_, counters_);
    }

    // The indices of buffers in the burst.
    std::vector<std::size_t> indices(const std::vector<rte_mbuf*>& buffers) const {
        std::vector<std::size_t> indices;
        for (const rte_mbuf* buffer : buffers)
            indices.push_back(static_cast<std::size_t>(buffer - storage_.data()));
        return indices;
    }

    using Indices = std::vector<std::size_t>;
    // All effects of transmit().
    struct Outcome {
        std::array<Indices, 2> sent;  // by port
        Indices freed;
        std::uint64_t packets;
        std::uint64_t bytes;
        std::vector<std::pair<Action, DropReason>> actions;

        bool operator==(const Outcome&) const = default;
    };
    Outcome outcome() {
        Outcome outcome{{indices(wire_.sent[10]), indices(wire_.sent[11])},
                        indices(wire_.freed),
                        counters_.transmitted_packets.read(),
                        counters_.transmitted_bytes.read(),
                        {}};
        for (const packet::Packet& packet : burst_.all_packets())
            outcome.actions.emplace_back(packet.action, packet.reason);
        return outcome;
    }

    void reset() {
        wire_.sent.clear();
        wire_.freed.clear();
        counters_ = {};
        burst_.count = 0;
        for (rte_mbuf& buffer : storage_)
            buffer.chain = false;
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

TEST_F(Transmit, ForwardedPacketsLeaveByTheBackendsPortAndAnswersByTheirOwn) {
    add(Action::kForward, 1);
    add(Action::kForward, 0);
    add(Action::kAnswer, 1);
    add(Action::kForward, 1);
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({1, 2}));
    EXPECT_EQ(indices(wire_.sent[11]), Indices({0, 3}));
    EXPECT_TRUE(wire_.freed.empty());
    EXPECT_EQ(counters_.transmitted_packets.read(), 4u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), 4 * kFrameBytes);
}

TEST_F(Transmit, OtherBuffersAreFreed) {
    add(Action::kDrop);
    add(Action::kForward);
    add(Action::kToKernel);
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({1}));
    EXPECT_EQ(indices(wire_.freed), Indices({0, 2}));
    EXPECT_EQ(counters_.transmitted_packets.read(), 1u);
}

TEST_F(Transmit, PacketsForAQueueThatStaysFullAreDropped) {
    for (int i = 0; i < 5; ++i)
        add(Action::kForward);
    wire_.room[10] = 2;
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({0, 1}));
    EXPECT_EQ(indices(wire_.freed), Indices({2, 3, 4}));
    EXPECT_EQ(counters_.transmitted_packets.read(), 2u);
    EXPECT_EQ(counters_.transmitted_bytes.read(), 2 * kFrameBytes);
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(burst_.packets[i].action, i < 2 ? Action::kForward : Action::kDrop);
    EXPECT_EQ(burst_.packets[4].reason, DropReason::kTransmitFull);
    EXPECT_LT(wire_.queues.size(), 100u);
}

TEST_F(Transmit, PacketsForAClosedPortAreDroppedUntilItIsOpenAgain) {
    transmitter_.use_ports(std::array<TransmitPort, 2>{{{10, true}, {}}});
    add(Action::kForward, 1);
    add(Action::kForward, 0);
    storage_[add(Action::kForward, 1)].chain = true;
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({1}));
    EXPECT_EQ(indices(wire_.freed), Indices({0, 2}));
    EXPECT_EQ(burst_.packets[0].reason, DropReason::kPortClosed);
    EXPECT_EQ(burst_.packets[2].reason, DropReason::kPortClosed);

    reset();
    transmitter_.use_ports(std::array<TransmitPort, 2>{{{10, true}, {20, true}}});
    add(Action::kForward, 1);
    EXPECT_TRUE(transmit_common());
    EXPECT_EQ(indices(wire_.sent[20]), Indices({0}));
}

TEST_F(Transmit, AQueueThatIsFullForAMomentIsRetried) {
    for (int i = 0; i < 5; ++i)
        add(Action::kForward);
    wire_.takes_at_once = 2;
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({0, 1, 2, 3, 4}));
    EXPECT_EQ(wire_.queues, std::vector<std::uint16_t>(3, kQueue));
    EXPECT_EQ(counters_.transmitted_packets.read(), 5u);
}

TEST_F(Transmit, AFullPortDoesNotAffectAnotherPort) {
    add(Action::kForward, 0);
    add(Action::kForward, 1);
    wire_.room[10] = 0;
    transmit();
    EXPECT_EQ(indices(wire_.sent[11]), Indices({1}));
    EXPECT_EQ(indices(wire_.freed), Indices({0}));
}

TEST_F(Transmit, ABurstLeavesNothingBehind) {
    add(Action::kForward);
    wire_.room[10] = 0;
    transmit();
    wire_.room[10] = 1000;
    burst_.count = 0;
    add(Action::kDrop);
    add(Action::kForward);
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({1}));
}

TEST_F(Transmit, OnlyTheRangeIsTouched) {
    for (std::uint32_t i = 0; i < 5; ++i)
        add(i % 2 == 0 ? Action::kForward : Action::kDrop, 0);
    wire_.sent.clear();
    transmit({1, 4});
    EXPECT_EQ(indices(wire_.sent[10]).size() + indices(wire_.sent[11]).size(), 1u);
    EXPECT_EQ(indices(wire_.freed), (Indices{1, 3}));
    transmit({4, 5});
    transmit({0, 1});
    EXPECT_EQ(indices(wire_.sent[10]).size() + indices(wire_.sent[11]).size(), 3u);
    EXPECT_EQ(indices(wire_.freed), (Indices{1, 3}));
}

TEST_F(Transmit, AChainIsDroppedIfThePortDoesNotTakeChains) {
    storage_[add(Action::kForward, 0)].chain = true;
    storage_[add(Action::kForward, 1)].chain = true;
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({0}));
    EXPECT_EQ(indices(wire_.freed), Indices({1}));
    EXPECT_EQ(burst_.packets[1].action, Action::kDrop);
    EXPECT_EQ(burst_.packets[1].reason, DropReason::kTooBig);
}

TEST_F(Transmit, BuffersThatAreGoneAreSkipped) {
    for (const Action action : {Action::kHold, Action::kHandOff, Action::kSplit, Action::kToKernel})
        buffers_[add(action)] = nullptr;
    add(Action::kForward);
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({4}));
    EXPECT_TRUE(wire_.freed.empty());
}

// A random burst, the same for the same seed: most are forwarded by one port.
void Transmit::add_random_burst(std::uint32_t seed) {
    constexpr Action kOthers[] = {Action::kAnswer, Action::kDrop, Action::kToKernel};
    std::mt19937 random(seed);
    const bool is_mixed = random() % 4 == 0;
    const auto port = static_cast<std::uint8_t>(random() % 2);
    const auto count = 1 + static_cast<std::uint32_t>(random() % packet::kBurstSize);
    for (std::uint32_t i = 0; i < count; ++i) {
        const bool differs = is_mixed && random() % 4 == 0;
        const std::size_t index =
            add(differs ? kOthers[random() % std::size(kOthers)] : Action::kForward,
                differs ? static_cast<std::uint8_t>(1 - port) : port);
        burst_.frames[index].truncate(1 + static_cast<std::uint32_t>(random() % kFrameBytes));
        storage_[index].chain = random() % 64 == 0;
    }
    wire_.takes_at_once = 1 + random() % packet::kBurstSize;
    wire_.room[10] = wire_.room[11] = random() % 3 == 0 ? random() % 40 : 1000;
}

TEST_F(Transmit, TransmitCommonAgreesWithTransmitOnRandomBursts) {
    int common = 0;
    for (std::uint32_t seed = 0; seed < 3000; ++seed) {
        reset();
        add_random_burst(seed);
        const bool is_common = transmit_common();
        if (!is_common)
            transmit();
        const Outcome with_fast_path = outcome();
        reset();
        add_random_burst(seed);
        transmit();
        ASSERT_EQ(with_fast_path, outcome()) << seed;
        common += is_common ? 1 : 0;
    }
    EXPECT_GT(common, 1000);
}

TEST_F(Transmit, TransmitCommonLeavesBurstsWithOtherActions) {
    for (const Action action : {Action::kSplit, Action::kAnswer, Action::kToKernel, Action::kHold,
                                Action::kHandOff, Action::kDrop}) {
        for (const std::size_t index : {0, 1, 2}) {
            reset();
            for (std::size_t i = 0; i < 3; ++i)
                add(i == index ? action : Action::kForward);
            burst_.packets[index].backend = packet::kNone;
            const Outcome before = outcome();
            EXPECT_FALSE(transmit_common());
            EXPECT_EQ(outcome(), before);
        }
    }
}

TEST_F(Transmit, TransmitCommonLeavesBurstsForTwoPorts) {
    add(Action::kForward, 1);
    add(Action::kForward, 0);
    EXPECT_FALSE(transmit_common());
    transmit();
    EXPECT_EQ(indices(wire_.sent[10]), Indices({1}));
    EXPECT_EQ(indices(wire_.sent[11]), Indices({0}));
}

TEST_F(Transmit, TransmitCommonTakesChainsOnlyIfThePortDoes) {
    for (std::uint8_t port = 0; port < 2; ++port) {
        reset();
        add(Action::kForward, port);
        storage_[add(Action::kForward, port)].chain = true;
        EXPECT_EQ(transmit_common(), port == 0);
    }
    EXPECT_TRUE(wire_.sent[11].empty());
    transmit();
    EXPECT_EQ(indices(wire_.sent[11]), Indices({0}));
    EXPECT_EQ(burst_.packets[1].reason, DropReason::kTooBig);
}

TEST_F(Transmit, TransmitCommonLeavesAnEmptyBurst) {
    EXPECT_FALSE(transmit_common());
}

TEST_F(Transmit, AFullBurstIsSentAtOnce) {
    for (std::uint32_t i = 0; i < packet::kBurstSize; ++i)
        add(Action::kForward);
    transmit();
    EXPECT_EQ(wire_.sent[10].size(), packet::kBurstSize);
    EXPECT_EQ(wire_.queues, std::vector<std::uint16_t>{kQueue});
}

}  // namespace
}  // namespace vipfwd::path
