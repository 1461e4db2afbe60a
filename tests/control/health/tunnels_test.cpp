// SPDX-License-Identifier: Apache-2.0
#include "control/health/tunnels.h"

#include <gtest/gtest.h>

namespace vipfwd::health {
namespace {

TEST(Tunnels, AnEntryOfTheMapIsUsedAgainAsLateAsPossible) {
    Tunnels tunnels;
    EXPECT_EQ(tunnels.take_index(), 0u);
    tunnels.give_back(0);
    for (std::uint32_t index = 1; index < CHECK_MAX_PATHS; ++index)
        EXPECT_EQ(tunnels.take_index(), index);
    EXPECT_EQ(tunnels.take_index(), 0u);
    EXPECT_FALSE(tunnels.take_index());
}

TEST(Tunnels, WhoWaitsIsToldOfEachNetwork) {
    Tunnels tunnels;
    int told = 0;
    tunnels.wait(&told, [&] {
        if (++told == 2)
            tunnels.stop_waiting(&told);
    });
    for (int i = 0; i < 3; ++i)
        tunnels.use(std::make_shared<const TunnelNetwork>());
    EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace vipfwd::health
