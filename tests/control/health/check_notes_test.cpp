// SPDX-License-Identifier: Apache-2.0
#include "control/health/check_notes.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace vipfwd::health {
namespace {

using abi::CheckProgress;

constexpr CheckProgress kFalling{.verdict = 1, .short_times = 2, .contrary = 3, .at_ds = 4};
constexpr CheckProgress kRising{.verdict = 2, .contrary = 1};

class CheckNotesTest : public ::testing::Test {
  protected:
    std::array<abi::CheckNote, 3> area_{};
};

TEST_F(CheckNotesTest, TheNextOneFindsThem) {
    CheckNotes notes(area_);
    EXPECT_TRUE(notes.empty());
    notes.put(11, kFalling);
    notes.put(12, kFalling);
    notes.put(12, kRising);
    EXPECT_EQ(notes.find(12), kRising);
    const CheckNotes next(area_);
    EXPECT_EQ(next.find(11), kFalling);
    EXPECT_EQ(next.find(12), kRising);
    EXPECT_FALSE(next.find(13));
}

TEST_F(CheckNotesTest, TheRoomOfRemovedOnesIsUsedAgain) {
    CheckNotes notes(area_);
    for (std::uint64_t digest = 1; digest <= 4; ++digest)
        notes.put(digest, kFalling);
    EXPECT_FALSE(notes.find(4)) << "there is no room";
    notes.retain({1, 3});
    EXPECT_FALSE(CheckNotes(area_).find(2));
    notes.put(5, kRising);
    EXPECT_EQ(CheckNotes(area_).find(5), kRising);
    EXPECT_EQ(CheckNotes(area_).find(3), kFalling);
}

TEST_F(CheckNotesTest, WhatMeansNothingIsRemoved) {
    area_[0].digest.store(7);  // killed before the progress was stored
    area_[1].digest.store(8);
    area_[1].progress.store(CheckProgress{.verdict = 3, .contrary = 1}.pack());
    area_[2].progress.store(kFalling.pack());
    CheckNotes notes(area_);
    EXPECT_TRUE(notes.empty());
    for (const abi::CheckNote& note : area_)
        EXPECT_EQ(note.digest.load(), 0u);
    for (std::uint64_t digest = 1; digest <= 3; ++digest) {
        notes.put(digest, kRising);
        EXPECT_EQ(notes.find(digest), kRising);
    }
}

TEST_F(CheckNotesTest, OfSeveralForOneCheckTheFirstOneCounts) {
    for (abi::CheckNote& note : area_) {
        note.digest.store(7);
        note.progress.store(&note == area_.data() ? kRising.pack() : kFalling.pack());
    }
    EXPECT_EQ(CheckNotes(area_).find(7), kRising);
    EXPECT_EQ(area_[2].digest.load(), 0u);
}

TEST_F(CheckNotesTest, ADamagedNoteIsWrittenAnew) {
    CheckNotes notes(area_);
    notes.put(7, kFalling);
    area_[0] = {{0x55}, {0x5555}};
    notes.put(7, kRising);
    EXPECT_EQ(CheckNotes(area_).find(7), kRising);
}

TEST_F(CheckNotesTest, AnyGarbageIsReadWithoutHarm) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 1000; ++i) {
        for (abi::CheckNote& note : area_)
            note = {{random() % 4}, {random()}};
        CheckNotes notes(area_);
        for (std::uint64_t digest = 0; digest < 4; ++digest) {
            const auto found = notes.find(digest);
            EXPECT_TRUE(!found || found->verdict == 1 || found->verdict == 2);
        }
    }
}

}  // namespace
}  // namespace vipfwd::health
