// SPDX-License-Identifier: Apache-2.0
#include "control/table/ring_builder.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <unordered_map>
#include <utility>

#include "control/table/derived_ring.h"
#include "control/table/reference_rings.h"
#include "dataplane/abi/address_hash.h"
#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::table {
namespace {

// What a ring is made from; refers to the members.
struct Recipe {
    std::span<const RingMember> members;
    std::span<const RingMember> reference;
    std::uint32_t slot_count;

    friend bool operator==(const Recipe& a, const Recipe& b) {
        return a.slot_count == b.slot_count && std::ranges::equal(a.members, b.members) &&
               std::ranges::equal(a.reference, b.reference);
    }
};

Recipe recipe_of(const NewRing& ring) {
    return {ring.members, ring.reference, ring.slot_count};
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

// A distinct ring, and the first pool that needs it.
struct Task {
    NewRing ring;
    std::uint32_t salt;
    const abi::PoolEntry* reference_in_force;
};

std::vector<Task> group_by_recipe(std::vector<RingOrder> orders) {
    std::vector<Task> tasks;
    tasks.reserve(orders.size());  // `known` refers to the rings' members
    ByRecipe<std::size_t> known;
    for (RingOrder& order : orders) {
        if (order.reference.empty())
            order.reference = order.members;
        const Recipe recipe{order.members, order.reference, order.slot_count};
        if (const auto same = known.find(recipe); same != known.end()) {
            tasks[same->second].ring.pools.push_back(order.pool);
            continue;
        }
        tasks.push_back({.ring = {.pools = {order.pool},
                                  .members = std::move(order.members),
                                  .reference = std::move(order.reference),
                                  .slot_count = order.slot_count,
                                  .slots = {},
                                  .reference_slots = {}},
                         .salt = order.salt,
                         .reference_in_force = order.reference_in_force});
        known.emplace(recipe_of(tasks.back().ring), tasks.size() - 1);
    }
    return tasks;
}

std::shared_ptr<const RingSlots> build_slots(std::span<const RingMember> members,
                                             std::uint32_t slot_count, const abi::HashKey& key) {
    auto slots = std::make_shared<RingSlots>(slot_count);
    build_ring(members, key, *slots);
    return slots;
}

// Null: there is none, or something has changed it.
std::shared_ptr<const RingSlots> copy_from_region(const abi::PoolEntry* pool,
                                                  const std::uint16_t* region_rings) {
    if (pool == nullptr || region_rings == nullptr)
        return nullptr;
    const std::span<const std::uint16_t> ring = abi::ring_of(*pool, region_rings);
    auto slots = std::make_shared<const RingSlots>(ring.begin(), ring.end());
    return abi::checksum_of(*slots) == pool->ring_checksum ? slots : nullptr;
}

std::shared_ptr<const RingSlots> reference_of(const Task& task, const abi::HashKey& key,
                                              const RingSupply& supply) {
    const NewRing& ring = task.ring;
    std::shared_ptr<const RingSlots> slots;
    if (supply.references != nullptr)
        slots = supply.references->find(task.salt, key, ring.reference, ring.slot_count);
    if (slots == nullptr)
        slots = copy_from_region(task.reference_in_force, supply.region_rings);
    return slots != nullptr ? slots : build_slots(ring.reference, ring.slot_count, key);
}

void build(Task& task, const abi::HashKey& key, const RingSupply& supply) {
    NewRing& ring = task.ring;
    const std::shared_ptr<const RingSlots> reference = reference_of(task, key, supply);
    if (ring.members == ring.reference) {
        ring.slots = reference;
        return;
    }
    auto slots = std::make_shared<RingSlots>(ring.slot_count);
    derive_ring(*reference, ring.reference, ring.members, key, *slots);
    ring.slots = std::move(slots);
    ring.reference_slots = reference;
}

}  // namespace

std::vector<NewRing> build_rings(std::vector<RingOrder> orders, const abi::HashKey& key,
                                 const RingSupply& supply) {
    std::vector<Task> tasks = group_by_recipe(std::move(orders));
    ByRecipe<const NewRing*> built;
    if (supply.key == key) {
        for (const NewRing& ring : supply.built)
            built.emplace(recipe_of(ring), &ring);
    }
    std::vector<Task*> missing;
    for (Task& task : tasks) {
        if (const auto same = built.find(recipe_of(task.ring)); same != built.end()) {
            task.ring.slots = same->second->slots;
            task.ring.reference_slots = same->second->reference_slots;
        } else {
            missing.push_back(&task);
        }
    }
    share_out(missing.size(), supply.threads,
              [&](std::size_t index) { build(*missing[index], key, supply); });
    std::vector<NewRing> rings;
    rings.reserve(tasks.size());
    for (Task& task : tasks)
        rings.push_back(std::move(task.ring));
    return rings;
}

}  // namespace vipfwd::table
