// SPDX-License-Identifier: Apache-2.0
#include "control/table/previous_entries.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace vipfwd::table {
namespace {

struct Entry {
    int identity;
};

class PreviousEntriesTest : public ::testing::Test {
  protected:
    const Entry* at(std::size_t index) const { return &entries_[index]; }

    std::vector<Entry> entries_{{10}, {20}, {30}, {40}};
    PreviousEntries<Entry, std::map<int, const Entry*>> previous_{
        entries_, [](const Entry& entry) { return entry.identity; }};
};

TEST_F(PreviousEntriesTest, FindsEntriesInTheirOrder) {
    EXPECT_EQ(previous_.find(10), at(0));
    EXPECT_EQ(previous_.find(20), at(1));
    EXPECT_EQ(previous_.find(30), at(2));
}

TEST_F(PreviousEntriesTest, FindsEntriesInAnyOtherOrder) {
    EXPECT_EQ(previous_.find(40), at(3));
    EXPECT_EQ(previous_.find(10), at(0));
    EXPECT_EQ(previous_.find(20), at(1));
    EXPECT_EQ(previous_.find(10), at(0));
}

TEST_F(PreviousEntriesTest, DoesNotFindWhatIsNotThere) {
    EXPECT_EQ(previous_.find(15), nullptr);
    EXPECT_EQ(previous_.find(10), at(0));
    EXPECT_EQ(previous_.find(15), nullptr);
    EXPECT_EQ(previous_.find(20), at(1));
}

}  // namespace
}  // namespace vipfwd::table
