// SPDX-License-Identifier: Apache-2.0
#include "control/table/pool_builder.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "control/table/backend_state.h"
#include "control/table/pool_policy.h"
#include "control/table/ring_members.h"

namespace vipfwd::table {
using abi::BackendEntry;
using abi::BackendState;
using abi::PoolEntry;

PoolBuilder::PoolBuilder(const config::Config& config, const net::Facts& facts,
                         const Tables& previous, const Counters& counters, std::uint32_t now_s,
                         const Conditions& conditions)
    : config_(config),
      facts_(facts),
      previous_(previous),
      counters_(counters),
      now_s_(now_s),
      conditions_(conditions),
      pool_has_udp_(config.pools.size()) {
    if (conditions_.standings != nullptr && conditions_.standings->config.get() != &config)
        conditions_.standings = nullptr;
    for (const config::Service& service : config.services) {
        if (service.protocol == abi::Protocol::kUdp)
            pool_has_udp_[service.pool] = true;
    }
}

void PoolBuilder::mark_counters(std::span<const PoolPlan> plans) {
    if (std::ranges::none_of(plans, [](const PoolPlan& plan) { return plan.indices.any_new(); }))
        return;
    for (const BackendEntry& backend : previous_.backends)
        backend_counters_.mark_previous(backend.counter);
    for (const PoolPlan& plan : plans) {
        for (std::uint32_t i = 0; i < plan.indices.size(); ++i) {
            if (const AssignedIndex index = plan.indices[i]; !index.is_new)
                backend_counters_.keep(index.previous->counter);
        }
    }
}

void PoolBuilder::add(std::size_t number, const PoolPlan& plan, Tables& to) {
    const config::Pool& pool = config_.pools[number];
    PoolEntry entry{};
    pool.name.copy(entry.name, sizeof entry.name - 1);
    entry.salt = plan.previous != nullptr ? plan.previous->salt : to.next_pool_salt++;
    if (plan.previous != nullptr)
        std::ranges::copy(plan.previous->flow_classes, entry.flow_classes);
    entry.backend_base = static_cast<std::uint32_t>(to.backends.size());
    entry.backend_count = static_cast<std::uint32_t>(plan.indices.size());
    members_.assign(pool.backends.size(), {});
    position_.assign(pool.backends.size(), 0);
    for (std::uint32_t i = 0; i < plan.indices.size(); ++i) {
        const AssignedIndex index = plan.indices[i];
        if (index.configured) {
            members_[*index.configured].was_writer =
                plan.previous != nullptr && !index.is_new && plan.previous->writer == i + 1;
            add_backend(number, *index.configured, index, to.backends);
        } else {
            add_retired_backend(*index.previous, to.backends);
        }
    }
    serve_by_policy(number, plan.previous == nullptr, entry, to.backends);
    entry.ring_slots = plan.previous != nullptr ? plan.previous->ring_slots : pool.ring_slots;
    add_ring(number, entry, plan.previous, to);
    to.pools.push_back(entry);
}

// Of the pool whose backends were added last: `members_` says what is known of them.
void PoolBuilder::serve_by_policy(std::size_t number, bool is_new, PoolEntry& entry,
                                  std::vector<BackendEntry>& backends) {
    const PoolOutcome outcome =
        apply_policy(config_.pools[number], members_, {.is_new = is_new, .now_ms = now_ms()});
    entry.tier = static_cast<std::uint8_t>(outcome.tier);
    entry.fails_open = outcome.fails_open ? 1 : 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        BackendEntry& backend = backends[position_[i]];
        backend.state = static_cast<std::uint8_t>(members_[i].condition.state);
        backend.ring_weight = static_cast<std::uint16_t>(members_[i].ring_weight);
        backend.came_up_at_ms = members_[i].came_up_at_ms;
        if (outcome.writer == i)
            entry.writer = static_cast<std::uint16_t>(position_[i] - entry.backend_base + 1);
    }
}

// Keeps a ring of the previous generation that has the same size, and the same members at the same
// indices: the pool's own ring, or the ring of another pool. Else the pool needs a new ring.
void PoolBuilder::add_ring(std::size_t number, PoolEntry& pool, const PoolEntry* previous,
                           const Tables& to) {
    pool.ring_store = abi::kNoRing;
    if (previous != nullptr && keep_ring(pool, *previous, to))
        return;
    std::vector<RingMember> members = ring_members(backends_of(to, pool));
    if (members.empty())
        return;
    for (const PoolEntry& other : previous_.pools) {
        if (keep_ring(pool, other, to))
            return;
    }
    RingOrder order{.pool = number,
                    .members = std::move(members),
                    .slot_count = pool.ring_slots,
                    .reference = reference_members(backends_of(to, pool)),
                    .salt = pool.salt};
    if (previous != nullptr && has_reference_ring(pool, *previous, to))
        order.reference_in_force = previous;
    ring_orders_.push_back(std::move(order));
}

// Whether that pool of the previous generation has a ring of the size and key that the pool needs.
bool PoolBuilder::has_ring_of_its_kind(const PoolEntry& pool, const PoolEntry& previous,
                                       const Tables& to) const {
    return previous.ring_store != abi::kNoRing && previous.ring_slots == pool.ring_slots &&
           previous_.key == to.key;
}

// Whether the previous ring of the pool is the reference ring that it needs now.
bool PoolBuilder::has_reference_ring(const PoolEntry& pool, const PoolEntry& previous,
                                     const Tables& to) const {
    const std::span before = backends_of(previous_, previous);
    return has_ring_of_its_kind(pool, previous, to) &&
           ring_members(before) == reference_members(before) &&
           same_reference(before, backends_of(to, pool));
}

bool PoolBuilder::keep_ring(PoolEntry& pool, const PoolEntry& previous, const Tables& to) const {
    if (!has_ring_of_its_kind(pool, previous, to) ||
        !same_ring_members(backends_of(previous_, previous), backends_of(to, pool)))
        return false;
    pool.ring_store = previous.ring_store;
    pool.ring_checksum = previous.ring_checksum;
    return true;
}

void PoolBuilder::add_backend(std::size_t pool, std::uint32_t number, const AssignedIndex& index,
                              std::vector<BackendEntry>& to) {
    const config::Backend& backend = config_.pools[pool].backends[number];
    const bool was_configured = !index.is_new && !is_retired(*index.previous);
    BackendInputs inputs{.pool = config_.pools[pool],
                         .pool_has_udp = pool_has_udp_[pool],
                         .previous = was_configured ? index.previous : nullptr,
                         .now_s = now_s_};
    if (conditions_.standings != nullptr)
        inputs.standing = conditions_.standings->of(pool, number);
    if (conditions_.choices != nullptr)
        inputs.choice = conditions_.choices->find(inputs.pool.name, backend.address);
    else if (was_configured)
        inputs.choice = choice_in_force(*index.previous);
    inputs.weight = weight_of(inputs, backend.weight);
    const abi::BackendAdmin admin = admin_of(inputs);
    PoolMember& member = members_[number];
    member.tier = backend.tier;
    member.weight = inputs.weight;
    member.is_followed = backend.address == conditions_.followed_writer(inputs.pool.name);
    member.is_taken_out = admin != abi::BackendAdmin::kReady;
    member.previous = inputs.previous;
    member.condition = condition_of(inputs);
    position_[number] = to.size();
    BackendEntry& entry = to.emplace_back();
    entry.address = backend.address;
    entry.weight = static_cast<std::uint16_t>(inputs.weight);
    entry.weight_is_chosen = inputs.choice.weight ? 1 : 0;
    entry.admin = static_cast<std::uint8_t>(admin);
    entry.time_s = inputs.choice.flows_move_at_s;
    entry.health = static_cast<std::uint8_t>(member.condition.health);
    if (index.is_new) {
        entry.counter = backend_counters_.allocate();
        const CounterValue value = counters_.backend(entry.counter);
        entry.baseline_packets = value.packets;
        entry.baseline_bytes = value.bytes;
    } else {
        entry.counter = index.previous->counter;
        entry.baseline_packets = index.previous->baseline_packets;
        entry.baseline_bytes = index.previous->baseline_bytes;
    }
    if (const std::optional<net::NextHop> hop = facts_.next_hop(backend.address)) {
        entry.resolved = 1;
        entry.next_hop = hop->mac;
        entry.port = hop->port;
    }
}

void PoolBuilder::add_retired_backend(const BackendEntry& previous,
                                      std::vector<BackendEntry>& to) const {
    BackendEntry& entry = to.emplace_back(previous);
    if (!is_retired(entry)) {
        entry.time_s = now_s_;
        entry.retired_in = previous_.generation + 1;
    }
    entry.state = static_cast<std::uint8_t>(BackendState::kRetired);
    entry.health = static_cast<std::uint8_t>(abi::BackendHealth::kUnchecked);
    entry.admin = static_cast<std::uint8_t>(abi::BackendAdmin::kReady);
    entry.resolved = 0;
    entry.next_hop = {};
    entry.port = 0;
}

}  // namespace vipfwd::table
