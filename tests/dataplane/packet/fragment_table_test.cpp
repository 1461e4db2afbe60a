// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/fragment_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::packet {
namespace {

using Outcome = FragmentTable::Outcome;
using HeldState = FragmentTable::HeldState;

class FragmentTableTest : public ::testing::Test {
  protected:
    static DatagramKey key(std::uint32_t id) {
        return {parse_ip("10.0.0.50").value(), parse_ip("10.0.0.100").value(),
                make_datagram_number(id, 17)};
    }
    static std::uint64_t hash(std::uint32_t id) {
        return FragmentTable::hash_of(key(id), kHashKey);
    }
    struct Added {
        Outcome outcome;
        std::uint64_t entry;
        std::uint32_t serial;
    };
    Added add(std::uint32_t id, std::uint32_t offset, std::uint32_t length, bool is_last = false) {
        const FragmentTable::Place place = table_.add(key(id), hash(id), {offset, length, is_last},
                                                      offset == 0 ? &kPorts : nullptr, now_ms_);
        return {place.outcome, place.entry, table_.serial_of(place.entry)};
    }
    Outcome outcome(std::uint32_t id, std::uint32_t offset, std::uint32_t length,
                    bool is_last = false) {
        return add(id, offset, length, is_last).outcome;
    }
    FragmentTable::Place resume(std::uint32_t id) {
        return table_.resume(key(id), hash(id), now_ms_);
    }
    std::size_t used() const {
        std::size_t used = 0;
        for (const DatagramBlock& block : blocks_) {
            for (const DatagramSet& set : block.sets) {
                used += static_cast<std::size_t>(
                    std::ranges::count_if(set.expires_ms, [&](auto ms) { return ms > now_ms_; }));
            }
        }
        return used;
    }

    static constexpr abi::HashKey kHashKey{{1, 2}};
    static constexpr Ports kPorts{{0x1111}, {0x2222}, 17};
    std::vector<DatagramBlock> blocks_ = std::vector<DatagramBlock>(1);
    FragmentTable table_{blocks_, 1};
    std::uint64_t now_ms_ = 1000;
};

TEST_F(FragmentTableTest, FragmentsInOrderDoNotWait) {
    EXPECT_EQ(outcome(1, 0, 1480), Outcome::kPasses);
    const Added later = add(1, 1480, 1480);
    EXPECT_EQ(later.outcome, Outcome::kPasses);
    EXPECT_EQ(table_.ports_of(later.entry).destination, kPorts.destination);
    EXPECT_EQ(outcome(1, 2960, 100, true), Outcome::kPasses);
    EXPECT_EQ(used(), 0u) << "the whole datagram has passed";
}

TEST_F(FragmentTableTest, FragmentsAheadOfTheFirstOneWaitForIt) {
    const Added last = add(1, 2960, 100, true);
    const Added middle = add(1, 1480, 1480);
    EXPECT_EQ(last.outcome, Outcome::kWaits);
    EXPECT_EQ(middle.outcome, Outcome::kWaits);
    EXPECT_EQ(table_.held_state(last.entry, last.serial, now_ms_), HeldState::kWaiting);
    EXPECT_EQ(table_.releases(), 0u);
    EXPECT_EQ(outcome(1, 0, 1480), Outcome::kPasses);
    EXPECT_EQ(table_.releases(), 1u);
    EXPECT_EQ(table_.held_state(last.entry, last.serial, now_ms_), HeldState::kKnown);
    EXPECT_EQ(resume(1).outcome, Outcome::kPasses);
    EXPECT_EQ(used(), 1u);
    EXPECT_EQ(resume(1).outcome, Outcome::kPasses);
    EXPECT_EQ(used(), 0u);
}

TEST_F(FragmentTableTest, FragmentsWaitForALimitedTime) {
    const Added waits = add(1, 8, 8);
    now_ms_ += kFragmentTimeout_ms - 1;
    EXPECT_EQ(table_.held_state(waits.entry, waits.serial, now_ms_), HeldState::kWaiting);
    ++now_ms_;
    EXPECT_EQ(table_.held_state(waits.entry, waits.serial, now_ms_), HeldState::kGone);
    EXPECT_EQ(resume(1).outcome, Outcome::kTooLate);
}

TEST_F(FragmentTableTest, ADuplicateIsReportedAndHarmless) {
    add(1, 0, 16);
    EXPECT_EQ(outcome(1, 0, 16), Outcome::kDuplicate);
    EXPECT_EQ(outcome(1, 0, 8), Outcome::kDuplicate);
    EXPECT_EQ(outcome(1, 16, 3, true), Outcome::kPasses);
}

TEST_F(FragmentTableTest, AnOverlapPoisonsTheDatagram) {
    add(1, 0, 16);
    EXPECT_EQ(outcome(1, 8, 16), Outcome::kOverlaps);
    EXPECT_EQ(outcome(1, 24, 8), Outcome::kOverlaps)
        << "RFC 5722: fragments that do not overlap, too";
    add(2, 16, 8, true);
    EXPECT_EQ(outcome(2, 24, 8), Outcome::kOverlaps) << "beyond the end of the datagram";
    add(3, 16, 8, true);
    EXPECT_EQ(outcome(3, 8, 8, true), Outcome::kOverlaps) << "a second, different end";
    add(5, 32, 8);
    EXPECT_EQ(outcome(5, 16, 8, true), Outcome::kOverlaps)
        << "an end before bytes that have arrived";
    const Added held = add(4, 8, 8);
    add(4, 0, 8);
    add(4, 0, 24);
    EXPECT_EQ(table_.held_state(held.entry, held.serial, now_ms_), HeldState::kGone);
    EXPECT_EQ(resume(4).outcome, Outcome::kOverlaps);
}

TEST_F(FragmentTableTest, InAFloodTheOldestDatagramIsEvicted) {
    const Added old = add(0, 8, 8);
    for (std::uint32_t id = 1; id < 2000; ++id) {
        ++now_ms_;
        EXPECT_EQ(outcome(id, 8, 8), Outcome::kWaits);
    }
    EXPECT_EQ(table_.held_state(old.entry, old.serial, now_ms_), HeldState::kGone);
    EXPECT_EQ(outcome(5000, 0, 8), Outcome::kPasses);
    EXPECT_EQ(outcome(5000, 8, 8, true), Outcome::kPasses);
}

// All within one millisecond.
TEST_F(FragmentTableTest, LoneFragmentsEvictEachOtherTheOldestFirst) {
    std::vector<Added> places;
    for (std::uint32_t id = 0; id < 2000; ++id)
        places.push_back(add(id, 8, 8));
    for (std::size_t i = 0; i < places.size(); ++i) {
        const bool is_gone =
            table_.held_state(places[i].entry, places[i].serial, now_ms_) == HeldState::kGone;
        if (i < 1500 || i >= 1990) {
            EXPECT_EQ(is_gone, i < 1500) << i;
        }
    }
}

// A flood of orphans does not evict datagrams of which more has arrived.
TEST_F(FragmentTableTest, LoneFragmentsDoNotEvictDatagramsThatAreCompleting) {
    for (const bool has_first : {false, true}) {
        const std::uint32_t id = 100'000 + has_first;
        EXPECT_EQ(outcome(id, 16, 8, true), Outcome::kWaits);
        EXPECT_EQ(outcome(id, has_first ? 0 : 8, 8),
                  has_first ? Outcome::kPasses : Outcome::kWaits);
        for (std::uint32_t orphan = 0; orphan < 1000; ++orphan) {
            EXPECT_EQ(outcome(orphan, 8, 8), Outcome::kWaits);
            ++now_ms_;
        }
        EXPECT_EQ(outcome(id, has_first ? 8 : 0, 8), Outcome::kPasses);
        now_ms_ += kFragmentTimeout_ms;
    }
}

TEST_F(FragmentTableTest, AHeldFragmentIsAloneUntilAnotherOneArrives) {
    const Added place = add(1, 16, 8, true);
    const auto is_alone = [&](std::uint32_t serial) {
        return table_.is_alone(place.entry, serial, now_ms_);
    };
    now_ms_ += kLoneGrace_ms - 1;
    EXPECT_FALSE(is_alone(place.serial)) << "another one may be under way";
    ++now_ms_;
    EXPECT_TRUE(is_alone(place.serial));
    EXPECT_FALSE(is_alone(place.serial + 1));
    add(1, 8, 8);
    EXPECT_FALSE(is_alone(place.serial));
    table_.evict(place.entry, place.serial + 1);
    EXPECT_EQ(table_.held_state(place.entry, place.serial, now_ms_), HeldState::kWaiting);
    table_.evict(place.entry, place.serial);
    EXPECT_EQ(table_.held_state(place.entry, place.serial, now_ms_), HeldState::kGone);
    EXPECT_EQ(resume(1).outcome, Outcome::kTooLate);
}

TEST_F(FragmentTableTest, AFragmentThatCouldNotBeHeldIsNotWaitedFor) {
    const Added place = add(1, 8, 8, true);
    table_.cancel_hold(place.entry, place.serial);
    EXPECT_EQ(outcome(1, 0, 8), Outcome::kPasses);
    EXPECT_EQ(table_.releases(), 0u);
    EXPECT_EQ(used(), 0u);
}

TEST_F(FragmentTableTest, EachDatagramHasOneOwnerAndAllWorkersOwnSome) {
    const FragmentTable table(blocks_, 4);
    std::map<std::uint32_t, int> owners;
    for (std::uint32_t id = 0; id < 4000; ++id)
        ++owners[table.owner(hash(id))];
    ASSERT_EQ(owners.size(), 4u);
    for (const auto& [owner, count] : owners)
        EXPECT_NEAR(count, 1000, 150) << owner;
}

TEST_F(FragmentTableTest, ADatagramThatIsCompleteOrHasExpiredBeginsAnew) {
    EXPECT_EQ(outcome(1, 0, 8), Outcome::kPasses);
    EXPECT_EQ(outcome(1, 8, 8, true), Outcome::kPasses);
    EXPECT_EQ(outcome(1, 0, 8), Outcome::kPasses);
    now_ms_ += kFragmentTimeout_ms;
    const Added again = add(1, 0, 8);
    EXPECT_EQ(again.outcome, Outcome::kPasses);
    table_.evict(again.entry, again.serial);
    EXPECT_EQ(outcome(1, 0, 8), Outcome::kPasses);
    EXPECT_EQ(outcome(1, 0, 8), Outcome::kDuplicate);
}

TEST_F(FragmentTableTest, FragmentsOfManyDatagramsMayAlternate) {
    for (std::uint32_t offset = 0; offset < 64; offset += 8) {
        for (std::uint32_t id = 0; id < 40; ++id) {
            EXPECT_EQ(outcome(id, offset, 8), Outcome::kPasses);
            EXPECT_EQ(outcome(id, offset, 8), Outcome::kDuplicate);
        }
    }
}

TEST_F(FragmentTableTest, EachDatagramHasAnEntryOfItsOwn) {
    blocks_ = std::vector<DatagramBlock>(4);
    table_ = FragmentTable(blocks_, 1);
    std::map<std::uint64_t, std::uint32_t> serials;
    for (std::uint32_t id = 0; id < 200; ++id) {
        const Added added = add(id, 65000, 8);
        EXPECT_TRUE(serials.emplace(added.entry, added.serial).second) << id;
    }
    for (const auto& [entry, serial] : serials)
        EXPECT_EQ(table_.held_state(entry, serial, now_ms_), HeldState::kWaiting);
    EXPECT_EQ(used(), 200u);
    for (const auto& [entry, serial] : serials)
        table_.evict(entry, serial);
    EXPECT_EQ(used(), 0u);
}

// Fragments of random sizes in random order.
TEST_F(FragmentTableTest, ShuffledDatagramsPassCompletelyAndLeaveNoEntry) {
    std::mt19937 random(11);
    for (std::uint32_t id = 0; id < 500; ++id) {
        std::vector<FragmentPart> parts;
        const auto total = static_cast<std::uint32_t>(1 + random() % 65535);
        for (std::uint32_t offset = 0; offset < total;) {
            const auto step = static_cast<std::uint32_t>(8 + 8 * (random() % 1000));
            const std::uint32_t length = std::min(step, total - offset);
            parts.push_back({offset, length, offset + length == total});
            offset += length;
        }
        std::shuffle(parts.begin(), parts.end(), random);
        std::size_t passed = 0;
        std::size_t waiting = 0;
        for (const FragmentPart& part : parts) {
            const Outcome got = outcome(id, part.offset, part.length, part.is_last);
            passed += got == Outcome::kPasses ? 1 : 0;
            waiting += got == Outcome::kWaits ? 1 : 0;
        }
        for (std::size_t i = 0; i < waiting; ++i)
            passed += resume(id).outcome == Outcome::kPasses ? 1 : 0;
        ASSERT_EQ(passed, parts.size());
        ASSERT_EQ(used(), 0u);
    }
}

}  // namespace
}  // namespace vipfwd::packet
