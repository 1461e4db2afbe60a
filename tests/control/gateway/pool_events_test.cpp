// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/pool_events.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/control/table/sample.h"

namespace vipfwd::gateway {
namespace {

using Lines = std::vector<std::string>;

class PoolEventsTest : public ::testing::Test {
  protected:
    PoolEventsTest() { EXPECT_EQ(observe(), Lines{}) << "nothing has changed"; }

    Lines observe() {
        Lines lines;
        for (const events::Event& event : events_.observe(tables_, followed_))
            lines.push_back(to_string(event));
        return lines;
    }

    abi::PoolEntry& web() { return tables_.pools[0]; }

    table::Tables tables_ = table::sample::must_build(table::sample::config()).tables;
    table::PoolWriters followed_;
    PoolEvents events_;
};

TEST_F(PoolEventsTest, SaysOnceThatAPoolFailsOpenAndThatItDoesNotAnyMore) {
    web().fails_open = 1;
    EXPECT_EQ(observe(), Lines{"pool web: fails open: all its backends get new connections: fewer "
                               "than min_up are up"});
    EXPECT_EQ(observe(), Lines{});
    web().fails_open = 0;
    EXPECT_EQ(observe(), Lines{"pool web: does not fail open any more"});
}

TEST_F(PoolEventsTest, SaysWhichTiersServe) {
    web().tier = 2;
    EXPECT_EQ(observe(),
              Lines{"pool web: backends up to tier 2 get new connections: before up to tier 1"});
}

TEST_F(PoolEventsTest, SaysWhichBackendServesInsteadOfAnother) {
    web().writer = 1;
    EXPECT_EQ(observe(), Lines{}) << "it is the first one";
    web().writer = 3;
    EXPECT_EQ(observe(), Lines{"pool web: 10.0.0.13 serves instead of 10.0.0.11"});
    web().writer = 2;
    followed_["web"] = table::sample::ip("10.0.0.12");
    EXPECT_EQ(observe(), Lines{"pool web: 10.0.0.12 serves instead of 10.0.0.13: as at the gateway "
                               "that owns the VIPs"});
}

TEST_F(PoolEventsTest, APoolThatIsNewMayFailOpen) {
    web().fails_open = 1;
    web().tier = 3;
    PoolEvents fresh;
    EXPECT_EQ(fresh.observe(tables_).size(), 1u);
}

}  // namespace
}  // namespace vipfwd::gateway
