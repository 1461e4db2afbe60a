// SPDX-License-Identifier: Apache-2.0
#include "control/net/neighbor_table.h"

#include <gtest/gtest.h>
#include <linux/neighbour.h>

#include <algorithm>

#include "tests/control/net/sample_network.h"

namespace vipfwd::net {
namespace {

const NeighborKey kKey{7, *parse_ip("10.0.0.11")};

NeighborMessage entry(std::uint16_t state, std::optional<MacAddress> mac = std::nullopt) {
    return {.key = kKey, .removed = false, .state = state, .mac = mac};
}

NeighborMessage removal() {
    return {.key = kKey, .removed = true, .state = 0, .mac = {}};
}

NeighborKey numbered(int number) {
    return {7, IpAddress::from_v4(Be32::from_host(0x0a000000u + static_cast<unsigned>(number)))};
}

TEST(NeighborTable, OnlyANewMacOfANeighborInUseIsAChange) {
    NeighborTable table;
    EXPECT_FALSE(table.apply(entry(NUD_REACHABLE, kPeerMac), 1000)) << "not in use";
    table.use(kKey, 1000);
    EXPECT_FALSE(table.apply(entry(NUD_STALE, kPeerMac), 1000));
    EXPECT_TRUE(table.apply(entry(NUD_STALE, kOtherMac), 1000));
    EXPECT_EQ(table.find(kKey)->mac, kOtherMac);
}

TEST(NeighborTable, TheMacIsValidInEveryStateButIncompleteAndFailed) {
    constexpr std::uint16_t kValid[] = {NUD_REACHABLE, NUD_STALE,     NUD_DELAY,
                                        NUD_PROBE,     NUD_PERMANENT, NUD_NOARP};
    for (const std::uint16_t state : kValid) {
        NeighborTable table;
        table.apply(entry(state, kPeerMac), 1000);
        EXPECT_TRUE(table.find(kKey)->valid()) << state;
    }
    constexpr std::uint16_t kInvalid[] = {NUD_INCOMPLETE, NUD_FAILED};
    for (const std::uint16_t state : kInvalid) {
        NeighborTable table;
        table.apply(entry(state, kPeerMac), 1000);
        EXPECT_FALSE(table.find(kKey)->valid()) << state;
        EXPECT_EQ(table.find(kKey)->mac, std::nullopt) << "a MAC that was never valid";
    }
}

TEST(NeighborTable, ANeighborInUseKeepsItsLastKnownMacWhenTheKernelsEntryFails) {
    for (const NeighborMessage& loss : {entry(NUD_FAILED), entry(NUD_INCOMPLETE), removal()}) {
        NeighborTable table;
        table.use(kKey, 1000);
        table.apply(entry(NUD_REACHABLE, kPeerMac), 1000);
        EXPECT_FALSE(table.apply(loss, 2000));
        EXPECT_EQ(table.find(kKey)->mac, kPeerMac);
        EXPECT_FALSE(table.find(kKey)->valid());
        EXPECT_EQ(table.take_due(2000, 10), std::vector{kKey}) << "it is probed again at once";
    }
}

TEST(NeighborTable, AnUnusedNeighborIsRemovedWithItsEntry) {
    NeighborTable table;
    table.apply(entry(NUD_REACHABLE, kPeerMac), 1000);
    table.apply(removal(), 1000);
    EXPECT_EQ(table.find(kKey), nullptr);
    table.use(kKey, 1000);
    table.use(kKey, 1000);
    table.release(kKey, 1000);
    EXPECT_NE(table.find(kKey), nullptr);
    table.release(kKey, 1000);
    EXPECT_EQ(table.find(kKey), nullptr);
    EXPECT_EQ(table.next_due_ms(), std::nullopt);
}

TEST(NeighborTable, AMacIsRememberedForAMinuteAfterTheNeighborWasInUse) {
    // The kernel's entry may go before the routes, or after them.
    for (const bool entry_goes_first : {true, false}) {
        NeighborTable table;
        table.use(kKey, 1000);
        table.apply(entry(NUD_REACHABLE, kPeerMac), 1000);
        if (entry_goes_first)
            table.apply(removal(), 2000);
        table.release(kKey, 2000);
        if (!entry_goes_first)
            table.apply(removal(), 2000);
        ASSERT_NE(table.find(kKey), nullptr);
        EXPECT_EQ(table.find(kKey)->mac, kPeerMac);
        EXPECT_TRUE(table.take_due(61'999, 10).empty()) << "it is not probed";

        table.use(kKey, 30'000);
        EXPECT_EQ(table.find(kKey)->mac, kPeerMac);
        EXPECT_EQ(table.take_due(30'000, 10), std::vector{kKey}) << "in case it has changed";
        table.release(kKey, 40'000);
        EXPECT_TRUE(table.take_due(100'000, 10).empty());
        EXPECT_EQ(table.find(kKey), nullptr) << "after a minute it is forgotten";
        EXPECT_EQ(table.next_due_ms(), std::nullopt);
    }
}

TEST(NeighborTable, AnUnresolvedNeighborIsProbedAtOnceAndThenEverySecond) {
    NeighborTable table;
    table.use(kKey, 1000);
    EXPECT_EQ(table.next_due_ms(), 1000);
    EXPECT_EQ(table.take_due(1000, 10), std::vector{kKey});
    EXPECT_TRUE(table.take_due(1999, 10).empty());
    table.apply(entry(NUD_FAILED), 1500);
    EXPECT_EQ(table.next_due_ms(), 2000) << "a failure does not bring the next probe forward";
    EXPECT_EQ(table.take_due(2000, 10), std::vector{kKey});
    table.apply(entry(NUD_REACHABLE, kPeerMac), 2100);
    EXPECT_EQ(table.next_due_ms(), std::nullopt);
}

TEST(NeighborTable, AStaleNeighborIsProbedEveryThirtySeconds) {
    NeighborTable table;
    table.use(kKey, 1000);
    table.take_due(1000, 10);
    table.apply(entry(NUD_STALE, kPeerMac), 2000);
    EXPECT_EQ(table.next_due_ms(), 31'000);
    EXPECT_EQ(table.take_due(31'000, 10), std::vector{kKey});
    EXPECT_EQ(table.next_due_ms(), 61'000);
    table.apply(entry(NUD_PROBE, kPeerMac), 36'000);
    EXPECT_EQ(table.next_due_ms(), std::nullopt);
    table.apply(entry(NUD_FAILED), 39'000);
    EXPECT_EQ(table.next_due_ms(), 39'000);
}

TEST(NeighborTable, ADumpInvalidatesEntriesThatItDoesNotContain) {
    NeighborTable table;
    table.use(numbered(1), 1000);
    table.apply({.key = numbered(1), .state = NUD_REACHABLE, .mac = kPeerMac}, 1000);
    table.apply({.key = numbered(2), .state = NUD_REACHABLE, .mac = kPeerMac}, 1000);
    table.apply({.key = numbered(3), .state = NUD_REACHABLE, .mac = kPeerMac}, 1000);
    table.begin_dump();
    table.apply({.key = numbered(3), .state = NUD_STALE, .mac = kPeerMac}, 2000);
    table.end_dump(2000);
    EXPECT_FALSE(table.find(numbered(1))->valid());
    EXPECT_EQ(table.find(numbered(1))->mac, kPeerMac);
    EXPECT_EQ(table.find(numbered(2)), nullptr);
    EXPECT_TRUE(table.find(numbered(3))->valid());
    EXPECT_EQ(table.take_due(2000, 10), std::vector{numbered(1)});
}

TEST(NeighborTable, ManyNeighborsAreProbedInBatchesAndNoneIsLeftOut) {
    NeighborTable table;
    constexpr int kNeighbors = 65'536;
    for (int i = 0; i < kNeighbors; ++i)
        table.use(numbered(i), 1000);
    std::vector<bool> probed(kNeighbors);
    int batches = 0;
    for (std::int64_t now = 1000; table.next_due_ms() <= now && batches < 1000; ++batches) {
        const std::vector<NeighborKey> batch = table.take_due(now, 500);
        EXPECT_LE(batch.size(), 500u);
        for (const NeighborKey& key : batch)
            probed[key.address.v4().host() & 0xffffff] = true;
    }
    EXPECT_EQ(batches, (kNeighbors + 499) / 500);
    EXPECT_EQ(std::count(probed.begin(), probed.end(), true), kNeighbors);
}

}  // namespace
}  // namespace vipfwd::net
