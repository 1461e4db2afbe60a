// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/ring_slot.h"

namespace vipfwd::abi {
namespace {

FlowKey flow(std::uint32_t client, std::uint16_t port) {
    return {IpAddress::from_v4(Be32::from_host(client)),
            IpAddress::from_v4(Be32::from_host(0x0a000064)), Be16::from_host(port),
            Be16::from_host(80), 6};
}

TEST(FlowHash, DependsOnEveryPartOfTheFlowAndOfTheKey) {
    const HashKey key{{1, 2}};
    const FlowKey base = flow(0x0a000001, 1000);
    std::set<std::uint64_t> hashes{flow_hash(base, key)};
    FlowKey other = base;
    other.source.bytes[15] ^= 1;
    hashes.insert(flow_hash(other, key));
    other = base;
    other.destination.bytes[15] ^= 1;
    hashes.insert(flow_hash(other, key));
    other = base;
    other.source_port.raw ^= 1;
    hashes.insert(flow_hash(other, key));
    other = base;
    other.destination_port.raw ^= 1;
    hashes.insert(flow_hash(other, key));
    other = base;
    other.protocol = 17;
    hashes.insert(flow_hash(other, key));
    hashes.insert(flow_hash(base, {{2, 2}}));
    hashes.insert(flow_hash(base, {{1, 3}}));
    EXPECT_EQ(hashes.size(), 8u);
}

// Real networks have sequential clients and ports: they must still fill all parts of the ring
// evenly.
TEST(FlowHash, SpreadsSequentialFlowsEvenlyOverTheRing) {
    constexpr std::uint32_t kBuckets = 64;
    constexpr std::uint32_t kFlows = 65536;
    std::vector<std::uint32_t> buckets(kBuckets);
    for (std::uint32_t i = 0; i < kFlows; ++i) {
        const std::uint64_t hash = flow_hash(
            flow(0x0a000000 + i / 256, static_cast<std::uint16_t>(1024 + i % 256)), {{3, 4}});
        ++buckets[ring_slot(hash, kDefaultRingSlots) * kBuckets / kDefaultRingSlots];
    }
    const auto [least, most] = std::minmax_element(buckets.begin(), buckets.end());
    EXPECT_GT(*least, kFlows / kBuckets * 8 / 10);
    EXPECT_LT(*most, kFlows / kBuckets * 12 / 10);
}

TEST(Checksum, ChangesWithEveryBitAndWithTheLength) {
    std::vector<std::byte> bytes(67);
    std::set<std::uint64_t> sums{checksum(bytes)};
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        bytes[bit / 8] ^= std::byte(1 << bit % 8);
        sums.insert(checksum(bytes));
        bytes[bit / 8] ^= std::byte(1 << bit % 8);
    }
    for (std::size_t length = 0; length < bytes.size(); ++length)
        sums.insert(checksum(std::span(bytes).first(length)));
    EXPECT_EQ(sums.size(), 1 + 67 * 8 + 67u);
}

TEST(Checksum, ChangesWithTheOrderOfTheBytes) {
    std::vector<std::byte> bytes(9 * 16);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = std::byte(i / 16);
    std::set<std::uint64_t> sums{checksum(bytes)};
    for (std::size_t a = 0; a < 9; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            std::vector<std::byte> swapped = bytes;
            std::swap_ranges(&swapped[a * 16], &swapped[a * 16] + 16, &swapped[b * 16]);
            sums.insert(checksum(swapped));
        }
    }
    EXPECT_EQ(sums.size(), 1 + 9 * 8 / 2u);
}

TEST(Checksum, OfSeveralSpansContinuesFromTheChecksumSoFar) {
    const std::vector<std::byte> bytes(100, std::byte{7});
    const std::uint64_t first = checksum(std::span(bytes).first(50));
    EXPECT_NE(checksum(std::span(bytes).last(50), first), checksum(bytes));
    EXPECT_NE(checksum(std::span(bytes).last(50), first), checksum(std::span(bytes).last(50)));
}

}  // namespace
}  // namespace vipfwd::abi
