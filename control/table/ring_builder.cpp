// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_builder.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_map>
#include <utility>

#include "dataplane/abi/address_hash.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::table {
namespace {

using Members = std::span<const RingMember>;

struct MembersHash {
    std::size_t operator()(Members members) const {
        std::size_t hash = members.size();
        for (const RingMember& member : members) {
            hash = hash * 31 + AddressHash()(member.address);
            hash = hash * 31 + member.weight;
            hash = hash * 31 + member.index;
        }
        return hash;
    }
};

struct SameMembers {
    bool operator()(Members a, Members b) const { return std::ranges::equal(a, b); }
};

template <typename Value>
using ByMembers = std::unordered_map<Members, Value, MembersHash, SameMembers>;

// Calls `work(index)` for all indices below `count`, on that many threads.
template <typename Work>
void share_out(std::size_t count, unsigned threads, Work work) {
    std::atomic<std::size_t> next = 0;
    const auto take_turns = [&] {
        for (std::size_t index = next++; index < count; index = next++)
            work(index);
    };
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min<std::size_t>(threads, count); ++i)
        helpers.emplace_back(take_turns);
    take_turns();
}

std::vector<NewRing> group_by_members(std::vector<RingOrder> orders) {
    std::vector<NewRing> rings;
    rings.reserve(orders.size());  // `known` refers to the rings' members
    ByMembers<std::size_t> known;
    for (RingOrder& order : orders) {
        if (const auto same = known.find(order.members); same != known.end()) {
            rings[same->second].pools.push_back(order.pool);
            continue;
        }
        rings.push_back({.pools = {order.pool}, .members = std::move(order.members), .slots = {}});
        known.emplace(rings.back().members, rings.size() - 1);
    }
    return rings;
}

}  // namespace

std::vector<NewRing> build_rings(std::vector<RingOrder> orders, const abi::HashKey& key,
                                 const RingSupply& supply) {
    std::vector<NewRing> rings = group_by_members(std::move(orders));
    ByMembers<const NewRing*> built;
    if (supply.key == key) {
        for (const NewRing& ring : supply.built)
            built.emplace(ring.members, &ring);
    }
    std::vector<NewRing*> missing;
    for (NewRing& ring : rings) {
        if (const auto same = built.find(ring.members); same != built.end())
            ring.slots = same->second->slots;
        else
            missing.push_back(&ring);
    }
    share_out(missing.size(), supply.threads, [&](std::size_t index) {
        auto slots = std::make_shared<RingSlots>(abi::kRingSlots);
        build_ring(missing[index]->members, key, *slots);
        missing[index]->slots = std::move(slots);
    });
    return rings;
}

}  // namespace vipfwd::table
