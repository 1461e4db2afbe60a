// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/held_frames.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/dataplane/path/fake_wire.h"

namespace vipfwd::path {
namespace {

using packet::FragmentTable;

class Held : public testing::Test {
  protected:
    // Holds a later fragment of a datagram. Returns its buffer.
    rte_mbuf* hold(std::uint32_t datagram, std::uint32_t offset) {
        const FragmentTable::Place place =
            table_.add(key(datagram), hash(datagram), {offset, 8, false}, nullptr, now_ms_);
        EXPECT_EQ(place.outcome, FragmentTable::Outcome::kWaits);
        rte_mbuf* buffer = wire_.copy_to_buffer({});
        const auto entry = static_cast<std::uint32_t>(place.entry);
        EXPECT_TRUE(held_.hold({buffer, entry, table_.serial_of(entry), 7}));
        return buffer;
    }

    // The first fragment of the datagram arrives.
    void begin(std::uint32_t datagram) {
        const packet::Ports ports{};
        table_.add(key(datagram), hash(datagram), {0, 8, false}, &ports, now_ms_);
    }

    std::vector<rte_mbuf*> due() {
        held_.find_due(table_, now_ms_);
        std::array<HeldFrame, 4> some;
        std::vector<rte_mbuf*> all;
        while (const std::uint32_t count = held_.take_due(some)) {
            for (const HeldFrame& frame : std::span(some).first(count))
                all.push_back(frame.buffer);
        }
        return all;
    }

    static packet::DatagramKey key(std::uint32_t datagram) {
        packet::DatagramKey key;
        key.number = datagram;
        return key;
    }
    static std::uint64_t hash(std::uint32_t datagram) {
        return FragmentTable::hash_of(key(datagram), {});
    }

    using Frames = std::vector<rte_mbuf*>;
    FakeWire wire_;
    std::vector<packet::DatagramBlock> blocks_{1};
    FragmentTable table_{blocks_, 1};
    HeldFrames held_;
    std::uint64_t now_ms_ = 5000;
};

TEST_F(Held, FragmentsWaitForTheFirstOfTheirDatagramAndKeepTheirOrder) {
    rte_mbuf* a = hold(1, 16);
    rte_mbuf* b = hold(2, 8);
    rte_mbuf* c = hold(1, 8);
    EXPECT_EQ(due(), Frames{});
    begin(1);
    EXPECT_EQ(due(), (Frames{a, c}));
    EXPECT_EQ(held_.count(), 1u);
    begin(2);
    EXPECT_EQ(due(), Frames{b});
    EXPECT_EQ(held_.count(), 0u);
}

TEST_F(Held, FragmentsDoNotWaitForever) {
    rte_mbuf* a = hold(1, 8);
    now_ms_ += packet::kFragmentTimeout_ms - 1;
    rte_mbuf* b = hold(2, 8);
    EXPECT_EQ(due(), Frames{});
    now_ms_ += 1;
    EXPECT_EQ(due(), Frames{a});
    now_ms_ += packet::kFragmentTimeout_ms;
    EXPECT_EQ(due(), Frames{b});
}

TEST_F(Held, MoreDueFragmentsThanFitAreTakenInParts) {
    Frames all;
    for (std::uint32_t i = 1; i <= 10; ++i)
        all.push_back(hold(1, i * 8));
    begin(1);
    EXPECT_EQ(due(), all);
}

TEST_F(Held, TheirNumberIsLimited) {
    for (std::uint32_t i = 0; i < kHeldFrames; ++i)
        ASSERT_TRUE(held_.hold({}));
    EXPECT_FALSE(held_.hold({}));
    EXPECT_EQ(held_.count(), kHeldFrames);
}

}  // namespace
}  // namespace vipfwd::path
