// SPDX-License-Identifier: Apache-2.0
#include "control/table/number_allocator.h"

#include <gtest/gtest.h>

namespace vipfwd::table {
namespace {

TEST(NumberAllocator, PrefersNumbersThatThePreviousGenerationDoesNotUse) {
    NumberAllocator numbers(4);
    numbers.mark_previous(0);
    numbers.mark_previous(2);
    numbers.keep(2);
    EXPECT_EQ(numbers.allocate(), 1u);
    EXPECT_EQ(numbers.allocate(), 3u);
    EXPECT_EQ(numbers.allocate(), 0u) << "the only one left";
}

TEST(NumberAllocator, AllocatesEachNumberOnce) {
    NumberAllocator numbers(3);
    EXPECT_EQ(numbers.allocate(), 0u);
    EXPECT_EQ(numbers.allocate(), 1u);
    EXPECT_EQ(numbers.allocate(), 2u);
}

}  // namespace
}  // namespace vipfwd::table
