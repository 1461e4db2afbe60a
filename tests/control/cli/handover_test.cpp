// SPDX-License-Identifier: Apache-2.0
#include "control/cli/handover.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace vipfwd::cli {
namespace {

constexpr std::chrono::milliseconds kPause{1};

Json group(const std::string& state, const Json& owner = nullptr, int advert_interval_ms = 10) {
    return {{"name", "edge"},
            {"state", state},
            {"owner", owner},
            {"advert_interval_ms", advert_interval_ms}};
}

// Answers with these states of the group, one after the other, and then with the last one again.
ShowGroups shows(std::vector<Json> groups) {
    return [groups = std::move(groups), next = 0u]() mutable -> Result<Json> {
        const Json& shown = groups[std::min<std::size_t>(next++, groups.size() - 1)];
        return Json::array({{{"name", "other"}, {"state", "active"}}, shown});
    };
}

TEST(AwaitHandover, TellsWhoHasTakenTheVipsOver) {
    const Result<Json> outcome = await_handover(
        "edge", shows({group("handing_over"), group("handing_over"), group("backup", "10.0.0.2")}),
        kPause);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(*outcome, (Json{{"group", "edge"}, {"owner", "10.0.0.2"}}));
}

TEST(AwaitHandover, FailsIfTheVipsStayHere) {
    const Result<Json> outcome =
        await_handover("edge", shows({group("handing_over"), group("active")}), kPause);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message,
              "group edge: no other gateway has taken the VIPs over, and this one still owns them");
}

TEST(AwaitHandover, FailsIfControlIsNotReachableMeanwhile) {
    const Result<Json> outcome = await_handover(
        "edge", [] { return Result<Json>(Error{"no such file"}); }, kPause);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message,
              "group edge: the handover goes on, but its outcome is not known: no such file");
}

TEST(AwaitHandover, DoesNotWaitForEver) {
    const Result<Json> outcome =
        await_handover("edge", shows({group("handing_over", nullptr, 0)}), kPause);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().message,
              "group edge: the handover has not ended yet; see vipctl show groups");
}

}  // namespace
}  // namespace vipfwd::cli
