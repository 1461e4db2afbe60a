// SPDX-License-Identifier: Apache-2.0
// Measures how long building a ring takes. The reference is the least that fills one in such an
// order: 65537 writes of two bytes, one to each slot, in a shuffled order.
#include <algorithm>
#include <numeric>
#include <random>

#include "control/table/ring.h"
#include "dataplane/abi/limits.h"
#include "tests/bench/table_cases.h"

namespace vipfwd::bench {
namespace {

constexpr std::size_t kBackends[] = {10, 100, 1000, 10000};
constexpr std::size_t kRingRounds = 300;

std::vector<table::RingMember> ring_members(std::size_t count) {
    std::vector<table::RingMember> made;
    for (std::uint32_t i = 0; i < count; ++i) {
        made.push_back({IpAddress::from_v4(Be32::from_host(0x0a000000 + i)), 100,
                        static_cast<std::uint16_t>(i)});
    }
    return made;
}

std::vector<std::uint32_t> shuffled_order() {
    std::vector<std::uint32_t> order(abi::kDefaultRingSlots);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    return order;
}

}  // namespace

void measure_rings(const Effort& effort) {
    const std::vector<std::uint32_t> order = shuffled_order();
    std::vector<std::uint16_t> slots(abi::kDefaultRingSlots);
    std::vector<std::uint16_t> plain(abi::kDefaultRingSlots);
    for (const std::size_t count : kBackends) {
        const std::vector<table::RingMember> members = ring_members(count);
        Samples build;
        Samples reference;
        for (std::size_t round = 0; round < effort.rounds(kRingRounds); ++round) {
            build.add(us_of([&] { table::build_ring(members, {{11, 22}}, slots); }));
            reference.add(us_of([&] {
                for (const std::uint32_t slot : order)
                    plain[slot] = static_cast<std::uint16_t>(round);
                asm volatile("" : : "r"(plain.data()) : "memory");
            }));
        }
        Line("ring build, " + std::to_string(count) + " backends", "us")
            .samples(build)
            .reference("65537 writes in shuffled order", reference)
            .print();
    }
}

}  // namespace vipfwd::bench
