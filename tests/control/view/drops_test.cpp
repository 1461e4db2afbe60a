// SPDX-License-Identifier: Apache-2.0
#include "control/view/drops.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using abi::DropReason;

TEST(Drops, AllReasonsAreListedTheMostFrequentFirst) {
    Scene scene;
    EXPECT_EQ(drops(scene.source()).size(), abi::kDropReasonCount) << "without a region, too";
    scene.start_dataplane();
    const auto count = [&](int worker, DropReason reason, std::uint64_t packets) {
        scene.status().workers[worker].counters.dropped[static_cast<std::size_t>(reason)].set(
            packets);
    };
    count(0, DropReason::kTooBig, 2);
    count(0, DropReason::kPoolEmpty, 1);
    count(3, DropReason::kPoolEmpty, 4);
    const std::vector<DropRow> rows = drops(scene.source());
    ASSERT_EQ(rows.size(), abi::kDropReasonCount);
    EXPECT_EQ(rows[0].reason, DropReason::kPoolEmpty);
    EXPECT_EQ(rows[0].packets, 5u);
    EXPECT_EQ(rows[1].reason, DropReason::kTooBig);
    EXPECT_EQ(rows[2].packets, 0u);
}

}  // namespace
}  // namespace vipfwd::view
