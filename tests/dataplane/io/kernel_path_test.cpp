// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/kernel_path.h"

#include <gtest/gtest.h>

namespace vipfwd::io {
namespace {

using packet::Action;

std::array<packet::Packet, 2> given(KernelPath path) {
    std::array<packet::Packet, 2> packets;
    packets[0].action = Action::kToKernel;
    packets[1].action = Action::kForward;
    give_to_kernel(path, packets);
    return packets;
}

TEST(KernelPath, WhatTheKernelHasAnywayIsJustCounted) {
    const auto packets = given(KernelPath::kHasIt);
    EXPECT_EQ(packets[0].action, Action::kToKernel);
    EXPECT_EQ(packets[1].action, Action::kForward);
}

TEST(KernelPath, WithoutOneThePacketIsLostForAReason) {
    const auto packets = given(KernelPath::kNone);
    EXPECT_EQ(packets[0].action, Action::kDrop);
    EXPECT_EQ(packets[0].reason, abi::DropReason::kNoKernelPath);
    EXPECT_EQ(packets[1].action, Action::kForward);
}

TEST(KernelPath, OnlyDriversThatCopyLeaveThePacketWithTheKernel) {
    EXPECT_EQ(kernel_path(abi::Driver::kAfPacket), KernelPath::kHasIt);
    EXPECT_EQ(kernel_path(abi::Driver::kPcap), KernelPath::kHasIt);
    for (const auto driver :
         {abi::Driver::kAfXdp, abi::Driver::kPci, abi::Driver::kMemif, abi::Driver::kVdev})
        EXPECT_EQ(kernel_path(driver), KernelPath::kNone);
}

}  // namespace
}  // namespace vipfwd::io
