// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/check_note.h"

#include <gtest/gtest.h>

#include "dataplane/abi/mapping.h"
#include "dataplane/abi/region.h"

namespace vipfwd::abi {
namespace {

TEST(CheckNote, ProgressGoesIntoOneWord) {
    const CheckProgress progress{
        .verdict = 2, .short_times = 255, .contrary = 65535, .at_ds = 0xfedcba98};
    EXPECT_EQ(CheckProgress::unpack(progress.pack()), progress);
    EXPECT_EQ(CheckProgress{}.pack(), 0u);
    EXPECT_EQ(CheckProgress::unpack(0x01'0002'0301), (CheckProgress{1, 3, 2, 1}));
}

TEST(CheckNote, ThereIsRoomForAsManyChecksAsBackends) {
    const RegionHeader header = make_region_header(1);
    EXPECT_EQ(header.max_check_notes, kMaxBackends);
    EXPECT_EQ(header.generations_offset - header.check_notes_offset,
              sizeof(CheckNote) * kMaxCheckNotes);
}

}  // namespace
}  // namespace vipfwd::abi
