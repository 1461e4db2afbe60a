// SPDX-License-Identifier: Apache-2.0
#include "control/group/sync_sets.h"

#include <gtest/gtest.h>

namespace vipfwd::group {
namespace {

using Names = std::vector<std::string>;

Names blockers(std::vector<SyncSetMember> members) {
    return find_blockers(members);
}

TEST(SyncSets, AnIneligibleGroupBlocksTheOthersOfItsSetButNotItself) {
    EXPECT_EQ(blockers({{"a", "all", false}, {"b", "all", true}, {"c", "all", false}}),
              (Names{"b", "", "b"}));
}

TEST(SyncSets, OfSeveralTheFirstIsNamedAndBlockedByNone) {
    EXPECT_EQ(blockers({{"a", "all", true}, {"b", "all", true}}), (Names{"", "a"}));
}

TEST(SyncSets, OtherSetsAndGroupsWithoutASetAreNotBlocked) {
    EXPECT_EQ(blockers({{"a", "one", true}, {"b", "two", false}, {"c", "", false}}),
              (Names{"", "", ""}));
    EXPECT_EQ(blockers({{"a", "", true}, {"b", "", false}}), (Names{"", ""}));
}

TEST(SyncSets, NothingBlocksWhereAllAreEligible) {
    EXPECT_EQ(blockers({{"a", "all", false}, {"b", "all", false}}), (Names{"", ""}));
    EXPECT_TRUE(blockers({}).empty());
}

}  // namespace
}  // namespace vipfwd::group
