// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/kernel_path.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"
#include "tests/dataplane/packet/sample.h"
#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

using abi::DropReason;
using host::KernelPath;
using packet::Action;
using packet::Packet;

constexpr std::uint16_t kPathQueue = 3;
constexpr std::uint32_t kLongest = 100;

TEST(KernelPaths, WorkersShareTheLimit) {
    EXPECT_EQ(share_of_limit(20'000, 1), 20'000u);
    EXPECT_EQ(share_of_limit(20'000, 3), 6'667u);
    EXPECT_EQ(share_of_limit(1, 4), 1u);
    EXPECT_EQ(share_of_limit(0, 4), 0u);
}

// Ports 0 and 1 are devices 10 and 11. Port 0 has a tap, device 20.
class Taps : public testing::Test {
  protected:
    rte_mbuf* frame_of(std::size_t size) {
        return wire_.copy_to_buffer(std::vector<std::uint8_t>(size, 0x5a));
    }

    // Passes a packet for the kernel, with its buffer in buffer_. Returns the packet.
    Packet to_kernel(std::uint8_t port, std::size_t size = 60, std::uint64_t now_ms = 1000) {
        buffer_ = frame_of(size);
        Packet packet = packet_;
        packet.action = Action::kToKernel;
        paths_.to_kernel(world_.tables(), packet, wire_.frame(buffer_, port), buffer_, now_ms);
        return packet;
    }

    // How many of 20 packets of one step the kernel gets.
    int given_of_20(std::uint64_t now_ms) {
        int given = 0;
        for (int i = 0; i < 20; ++i)
            given += to_kernel(0, 60, now_ms).action == Action::kToKernel ? 1 : 0;
        return given;
    }

    packet::sample::World world_;
    Packet packet_;  // as it was parsed

    FakeWire wire_;
    Transmitter transmitter_{wire_, {{10, true}, {11, true}}, kPathQueue};
    std::atomic<std::uint64_t> unsent_ = 0;
    KernelPaths paths_{wire_,
                       transmitter_,
                       {{KernelPath::kTap,
                         20,
                         kLongest,
                         packet::RateLimit(50),
                         packet::RateLimit(30),
                         &unsent_,
                         {}},
                        {KernelPath::kNone}},
                       kPathQueue};
    rte_mbuf* buffer_ = nullptr;
};

TEST_F(Taps, WithoutAPathThePacketIsDropped) {
    const Packet packet = to_kernel(1);
    EXPECT_EQ(packet.action, Action::kDrop);
    EXPECT_EQ(packet.reason, DropReason::kNoKernelPath);
    EXPECT_NE(buffer_, nullptr);
}

TEST_F(Taps, APacketThatTheKernelReceivesTooIsLeftAlone) {
    KernelPaths paths(wire_, transmitter_, {{KernelPath::kReceivesToo}}, kPathQueue);
    Packet packet;
    packet.action = Action::kToKernel;
    buffer_ = frame_of(60);
    paths.to_kernel(world_.tables(), packet, wire_.frame(buffer_, 0), buffer_, 0);
    EXPECT_EQ(packet.action, Action::kToKernel);
    EXPECT_NE(buffer_, nullptr);
    EXPECT_TRUE(wire_.sent.empty());
}

TEST_F(Taps, AFrameIsWrittenToTheWorkersOwnQueueUnchanged) {
    EXPECT_EQ(to_kernel(0).action, Action::kToKernel);
    EXPECT_EQ(buffer_, nullptr);
    ASSERT_EQ(wire_.sent[20].size(), 1u);
    EXPECT_EQ(wire_.sent[20][0]->bytes().size(), 60u);
    EXPECT_EQ(wire_.queues, std::vector<std::uint16_t>{kPathQueue});
}

TEST_F(Taps, APacketThatTheTapDoesNotAcceptIsDropped) {
    wire_.room[20] = 0;
    EXPECT_EQ(to_kernel(0).reason, DropReason::kKernelPathFull);
    EXPECT_NE(buffer_, nullptr);
}

TEST_F(Taps, AFrameThatIsTooLongIsNotOfferedToTheTap) {
    EXPECT_EQ(to_kernel(0, kLongest + 1).reason, DropReason::kKernelPathFull);
    EXPECT_TRUE(wire_.queues.empty());
    EXPECT_EQ(to_kernel(0, kLongest).action, Action::kToKernel);
}

TEST_F(Taps, TheRateLimitAppliesToEachStep) {
    EXPECT_EQ(given_of_20(1000), 5) << "the share of one step: a tenth of 50 a second";
    EXPECT_EQ(to_kernel(0, 60, 1000).reason, DropReason::kKernelPathFull);
    EXPECT_EQ(to_kernel(0, 60, 1100).action, Action::kToKernel);
}

TEST_F(Taps, AnswersToHealthChecksHaveRoomOfTheirOwnBeyondTheLimit) {
    EXPECT_EQ(given_of_20(1000), 5);
    packet_.kind = packet::Kind::kFlow;
    packet_.protocol = packet::kIpProtocolTcp;
    packet_.source = parse_ip("10.0.0.50").value();
    EXPECT_EQ(given_of_20(1000), 0) << "from anybody";
    packet_.source = world_.generation().vips[0].address;
    EXPECT_EQ(given_of_20(1000), 3) << "from a VIP, but no more than so many";
    EXPECT_EQ(given_of_20(1100), 5 + 3);
}

TEST_F(Taps, FramesFromTheKernelLeaveByThePort) {
    wire_.incoming[20] = {frame_of(60), frame_of(70)};
    const auto expected = wire_.incoming[20];
    EXPECT_EQ(paths_.relay_from_kernel(), 2u);
    EXPECT_EQ(wire_.sent[10], expected);
    EXPECT_EQ(paths_.relay_from_kernel(), 0u);
    EXPECT_EQ(unsent_, 0u);
}

TEST_F(Taps, AWorkerCanWaitForFramesFromTheKernelIfTheTapWakesIt) {
    const auto kernel_wait = host::KernelWait::create(1).value();
    QueueWait wait(wire_, *kernel_wait, 1);
    wait.clear();
    paths_.add_queues_to(wait);
    EXPECT_FALSE(wait.can_wait());

    const KernelPort waking{KernelPath::kTap,
                            21,
                            kLongest,
                            packet::RateLimit(50),
                            packet::RateLimit(50),
                            &unsent_,
                            {kernel_wait->fd(), host::KernelWait::Kind::kPackets, true}};
    const KernelPaths paths(wire_, transmitter_, {{KernelPath::kNone}, waking}, kPathQueue);
    wait.clear();
    paths.add_queues_to(wait);
    EXPECT_TRUE(wait.can_wait());
    wait.wait(
        1, [] { return true; }, [] { return 0u; });
    EXPECT_EQ(wire_.calls_of_arm, (std::vector<FakeWire::DeviceQueue>{{21, kPathQueue}}));
}

TEST_F(Taps, FramesThatThePortDoesNotAcceptAreFreedAndCounted) {
    wire_.incoming[20] = {frame_of(60), frame_of(kLongest + 1), frame_of(61), frame_of(62)};
    wire_.room[10] = 2;
    EXPECT_EQ(paths_.relay_from_kernel(), 4u);
    ASSERT_EQ(wire_.sent[10].size(), 2u);
    EXPECT_EQ(wire_.sent[10][1]->bytes().size(), 61u);
    EXPECT_EQ(wire_.freed.size(), 2u);
    EXPECT_EQ(unsent_, 2u);
}

}  // namespace
}  // namespace vipfwd::path
