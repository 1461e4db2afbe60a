// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_quotas.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace vipfwd::table {
namespace {

// The stream of address_hash() that decides between equal fractions. ring.cpp uses other streams.
constexpr std::uint64_t kTie = 0x10003;

}  // namespace

std::vector<std::uint32_t> ring_quotas(std::span<const RingMember> members, const abi::HashKey& key,
                                       std::uint32_t slots) {
    const std::uint64_t weights = std::accumulate(
        members.begin(), members.end(), std::uint64_t{0},
        [](std::uint64_t sum, const RingMember& member) { return sum + member.weight; });
    struct Fraction {
        std::uint64_t remainder;
        std::uint64_t tie;
        std::size_t member;
    };
    std::vector<std::uint32_t> quotas;
    std::vector<Fraction> fractions;
    quotas.reserve(members.size());
    fractions.reserve(members.size());
    std::uint64_t left = slots;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::uint64_t share = std::uint64_t{slots} * members[i].weight;
        quotas.push_back(static_cast<std::uint32_t>(share / weights));
        left -= quotas.back();
        fractions.push_back({share % weights, abi::address_hash(members[i].address, kTie, key), i});
    }
    const auto larger = [](const Fraction& a, const Fraction& b) {
        return a.remainder != b.remainder ? a.remainder > b.remainder : a.tie > b.tie;
    };
    std::nth_element(fractions.begin(), fractions.begin() + static_cast<std::ptrdiff_t>(left),
                     fractions.end(), larger);
    for (std::uint64_t i = 0; i < left; ++i)
        ++quotas[fractions[i].member];
    return quotas;
}

}  // namespace vipfwd::table
