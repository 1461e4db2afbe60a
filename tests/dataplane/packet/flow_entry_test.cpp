// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/flow_entry.h"

#include <gtest/gtest.h>

#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

FlowEntry entry_used_at(FlowState state, std::uint32_t used_at_s) {
    return {.tag = 1, .backend = 0, .stamp = make_stamp(state, used_at_s / kFlowTimeUnit_s)};
}

struct StateTimeout {
    FlowState state;
    std::uint32_t timeout_s;
};
constexpr StateTimeout kTimeoutsByState[] = {
    {FlowState::kOpening, 60},  {FlowState::kYoung, 7440},   {FlowState::kEstablished, 7440},
    {FlowState::kClosing, 240}, {FlowState::kYoungUdp, 300}, {FlowState::kUdp, 300}};

TEST(FlowAge, EachStateHasItsTimeout) {
    constexpr std::uint32_t kStart_s = 100'000;
    for (const auto& [state, timeout_s] : kTimeoutsByState) {
        const FlowEntry used = entry_used_at(state, kStart_s);
        EXPECT_TRUE(FlowAge(sample::kTimeouts, kStart_s + timeout_s).is_live(used));
        EXPECT_FALSE(FlowAge(sample::kTimeouts, kStart_s + timeout_s + 12).is_live(used));
    }
    EXPECT_FALSE(FlowAge(sample::kTimeouts, 0).is_live(FlowEntry()));
    EXPECT_FALSE(FlowAge(sample::kTimeouts, kStart_s + 7440).is_over(kStart_s / 4));
    EXPECT_TRUE(FlowAge(sample::kTimeouts, kStart_s + 7452).is_over(kStart_s / 4));
}

// At any phase of the unit of time, and for timeouts that are no multiples of it.
TEST(FlowAge, APauseAsLongAsTheTimeoutIsNotTooLong) {
    for (std::uint16_t timeout_s = 1; timeout_s < 20; ++timeout_s) {
        const abi::FlowTimeouts timeouts{timeout_s, timeout_s, timeout_s, timeout_s};
        for (const auto& [state, default_s] : kTimeoutsByState) {
            for (std::uint32_t start_s = 1000; start_s < 1008; ++start_s) {
                EXPECT_TRUE(
                    FlowAge(timeouts, start_s + timeout_s).is_live(entry_used_at(state, start_s)));
                EXPECT_FALSE(FlowAge(timeouts, start_s + timeout_s + 16)
                                 .is_live(entry_used_at(state, start_s)));
            }
        }
    }
}

// Its first packets do not renew the stamp: a pause begins up to a unit of time later.
TEST(FlowAge, AnUnprovenFlowLivesForItsTimeoutAfterThePacketsThatLeftItsStamp) {
    for (const auto& [state, timeout_s] : kTimeoutsByState) {
        const FlowEntry one = entry_used_at(state, 1000);
        std::uint32_t last_s = 1000;
        while (FlowAge(sample::kTimeouts, last_s + 1).is_settled(one))
            ++last_s;
        EXPECT_TRUE(FlowAge(sample::kTimeouts, last_s + timeout_s).is_live(one));
    }
}

TEST(FlowAge, AnEntryIsSettledUntilAPacketMustChangeIt) {
    struct Settled {
        FlowState state;
        std::uint32_t for_s;
    };
    for (const auto& [state, for_s] :
         {Settled{FlowState::kFree, 0}, Settled{FlowState::kOpening, 0},
          Settled{FlowState::kEstablished, 4}, Settled{FlowState::kUdp, 4},
          Settled{FlowState::kYoung, 8}, Settled{FlowState::kYoungUdp, 8},
          Settled{FlowState::kClosing, 8}}) {
        for (std::uint32_t s = 0; s < 40; ++s) {
            EXPECT_EQ(FlowAge(sample::kTimeouts, 1000 + s).is_settled(entry_used_at(state, 1000)),
                      s < for_s)
                << static_cast<int>(state) << " " << s;
        }
    }
}

TEST(FlowEntry, ATagHasTheClassAndTheSaltOfAllFlowsOfAService) {
    EXPECT_EQ(class_of(flow_tag_base(0xffffffff, 7)), 7);
    EXPECT_EQ(flow_tag_base(5, 0), 5u);
    EXPECT_NE(flow_tag_base(5, 1), flow_tag_base(6, 1));
}

}  // namespace
}  // namespace vipfwd::packet
