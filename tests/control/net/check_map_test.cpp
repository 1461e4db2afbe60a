// SPDX-License-Identifier: Apache-2.0
#include "control/net/check_map.h"

#include <gtest/gtest.h>

#include "tests/control/net/check_map_memory.h"

namespace vipfwd::net {
namespace {

TEST(CheckMap, AnEntryIsUsedUntilItIsCleared) {
    const test::CheckMapMemory memory;
    CheckMap& map = *memory.map();
    check_path path{};
    path.form = CHECK_GUE;
    path.interface = 7;
    path.packets = 3;
    map.set(5, path);
    EXPECT_EQ(memory.entry(5).form, CHECK_GUE);
    EXPECT_EQ(memory.entry(5).interface, 7u);
    EXPECT_EQ(map.packets(5), 0u) << "counted anew";
    memory.count_packet(5);
    EXPECT_EQ(map.packets(5), 1u);
    map.clear(5);
    EXPECT_EQ(memory.entry(5).form, CHECK_NONE);
    EXPECT_EQ(CheckMap::mark(5), 0x76000005u);
}

TEST(CheckMap, WhatIsNoMapIsRefused) {
    EXPECT_FALSE(CheckMap::open(-1));
}

}  // namespace
}  // namespace vipfwd::net
