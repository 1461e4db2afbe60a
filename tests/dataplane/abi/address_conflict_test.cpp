// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/address_conflict.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::abi {
namespace {

AddressConflict conflict(std::uint64_t at_ns) {
    return {.vip = *parse_ip("fd00::100"),
            .sender = {{2, 0, 0, 0, 0, 0x77}},
            .port = 15,
            .kind = ConflictKind::kProbes,
            .at_ns = at_ns};
}

class ConflictLogTest : public testing::Test {
  protected:
    std::vector<std::uint64_t> read() {
        std::vector<std::uint64_t> times;
        reader_.read(*log_, [&](const AddressConflict& one) { times.push_back(one.at_ns); });
        return times;
    }

    std::unique_ptr<ConflictLog> log_ = std::make_unique<ConflictLog>();
    ConflictReader reader_;
};

TEST_F(ConflictLogTest, WhatIsWrittenIsReadOnce) {
    log_->write(conflict(7));
    reader_.read(*log_, [](const AddressConflict& one) {
        EXPECT_TRUE(one.is_same_as(conflict(0)));
        EXPECT_EQ(one.at_ns, 7u);
    });
    EXPECT_TRUE(read().empty());
    log_->write(conflict(8));
    log_->write(conflict(9));
    EXPECT_EQ(read(), (std::vector<std::uint64_t>{8, 9}));
}

TEST_F(ConflictLogTest, OfManyTheLastOnesAreRead) {
    for (std::uint64_t at_ns = 1; at_ns <= 100; ++at_ns)
        log_->write(conflict(at_ns));
    const auto times = read();
    ASSERT_EQ(times.size(), kConflictsKept - 1) << "the oldest may be overwritten meanwhile";
    EXPECT_EQ(times.front(), 100 - kConflictsKept + 2);
    EXPECT_EQ(times.back(), 100u);
}

TEST_F(ConflictLogTest, ARecordThatIsOverwrittenMeanwhileIsSkipped) {
    for (std::uint64_t at_ns = 1; at_ns <= 3; ++at_ns)
        log_->write(conflict(at_ns));
    std::vector<std::uint64_t> times;
    reader_.read(*log_, [&](const AddressConflict& one) {
        times.push_back(one.at_ns);
        for (std::uint64_t i = 0; one.at_ns == 1 && i < kConflictsKept; ++i)
            log_->write(conflict(100 + i));
    });
    EXPECT_EQ(times, (std::vector<std::uint64_t>{1}));
}

TEST_F(ConflictLogTest, TheLogOfAnotherRegionIsReadFromItsBeginning) {
    log_->write(conflict(1));
    log_->write(conflict(2));
    (void)read();
    *log_ = {};
    log_->write(conflict(3));
    EXPECT_EQ(read(), (std::vector<std::uint64_t>{3}));
}

TEST_F(ConflictLogTest, AnUnknownKindIsReadAsAKnownOne) {
    log_->write(conflict(1));
    log_->records[0].sender.store(UINT64_MAX);
    EXPECT_EQ(log_->read(0).kind, ConflictKind::kUses);
}

}  // namespace
}  // namespace vipfwd::abi
