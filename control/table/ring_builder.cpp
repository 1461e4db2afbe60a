// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_builder.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_map>
#include <utility>

#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {
namespace {

// What a ring is made from; refers to the members.
struct Recipe {
    std::span<const RingMember> members;
    std::uint32_t slot_count;

    friend bool operator==(const Recipe& a, const Recipe& b) {
        return a.slot_count == b.slot_count && std::ranges::equal(a.members, b.members);
    }
};

Recipe recipe_of(const NewRing& ring) {
    return {ring.members, ring.slot_count};
}

struct RecipeHash {
    std::size_t operator()(const Recipe& recipe) const {
        std::size_t hash = recipe.slot_count;
        for (const RingMember& member : recipe.members) {
            hash = hash * 31 + AddressHash()(member.address);
            hash = hash * 31 + member.weight;
            hash = hash * 31 + member.index;
        }
        return hash;
    }
};

template <typename Value>
using ByRecipe = std::unordered_map<Recipe, Value, RecipeHash>;

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

std::vector<NewRing> group_by_recipe(std::vector<RingOrder> orders) {
    std::vector<NewRing> rings;
    rings.reserve(orders.size());  // `known` refers to the rings' members
    ByRecipe<std::size_t> known;
    for (RingOrder& order : orders) {
        if (const auto same = known.find({order.members, order.slot_count}); same != known.end()) {
            rings[same->second].pools.push_back(order.pool);
            continue;
        }
        rings.push_back({.pools = {order.pool},
                         .members = std::move(order.members),
                         .slot_count = order.slot_count,
                         .slots = {}});
        known.emplace(recipe_of(rings.back()), rings.size() - 1);
    }
    return rings;
}

}  // namespace

std::vector<NewRing> build_rings(std::vector<RingOrder> orders, const abi::HashKey& key,
                                 const RingSupply& supply) {
    std::vector<NewRing> rings = group_by_recipe(std::move(orders));
    ByRecipe<const NewRing*> built;
    if (supply.key == key) {
        for (const NewRing& ring : supply.built)
            built.emplace(recipe_of(ring), &ring);
    }
    std::vector<NewRing*> missing;
    for (NewRing& ring : rings) {
        if (const auto same = built.find(recipe_of(ring)); same != built.end())
            ring.slots = same->second->slots;
        else
            missing.push_back(&ring);
    }
    share_out(missing.size(), supply.threads, [&](std::size_t index) {
        auto slots = std::make_shared<RingSlots>(missing[index]->slot_count);
        build_ring(missing[index]->members, key, *slots);
        missing[index]->slots = std::move(slots);
    });
    return rings;
}

}  // namespace vipfwd::table
