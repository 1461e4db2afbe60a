// SPDX-License-Identifier: Apache-2.0
#include "control/table/build.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "control/table/backend_state.h"
#include "control/table/flow_classes.h"
#include "control/table/group_adverts.h"
#include "control/table/number_allocator.h"
#include "control/table/pool_plans.h"
#include "control/table/pool_policy.h"
#include "control/table/previous_entries.h"
#include "control/table/ring_members.h"
#include "control/table/vip_entries.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;
using abi::BackendState;
using abi::PoolEntry;
using abi::ServiceEntry;

std::span<const BackendEntry> backends_of(const Tables& tables, const PoolEntry& pool) {
    return std::span(tables.backends).subspan(pool.backend_base, pool.backend_count);
}

void note_flow_class(PoolEntry& pool, std::uint8_t flow_class) {
    pool.flow_classes[flow_class / 64] |= std::uint64_t{1} << flow_class % 64;
}

// Builds one generation, one table after the other.
class Builder {
  public:
    Builder(const config::Config& config, const net::Facts& facts, const Tables& previous,
            const Counters& counters, std::uint32_t now_s, const RingSupply& supply,
            const std::vector<bool>& unnamed, const Conditions& conditions)
        : config_(config),
          facts_(facts),
          previous_(previous),
          counters_(counters),
          now_s_(now_s),
          supply_(supply),
          unnamed_(unnamed),
          conditions_(conditions),
          pool_has_udp_(config.pools.size()) {
        if (conditions_.standings != nullptr && conditions_.standings->config.get() != &config)
            conditions_.standings = nullptr;
        for (const config::Service& service : config.services) {
            if (service.protocol == abi::Protocol::kUdp)
                pool_has_udp_[service.pool] = true;
        }
        const abi::FlowTimeouts& timeouts = config.dataplane.flow_timeouts;
        const auto longest_s = std::max(timeouts.longest_s(), previous.timeouts.longest_s());
        flow_memory_s_ = longest_s + abi::kFlowSweepPeriod_s;
    }

    Result<Build> run() {
        build_.tables.key = config_.gateway.key.value_or(previous_.key);
        build_.tables.timeouts = config_.dataplane.flow_timeouts;
        build_.tables.new_flows_per_s = config_.dataplane.new_flows_per_s;
        build_.tables.gue_port = config_.gateway.gue_port;
        build_.tables.service_share_percent = config_.dataplane.service_share_percent;
        build_.tables.next_pool_salt = std::max<std::uint32_t>(1, previous_.next_pool_salt);
        add_ports();
        add_groups();
        build_.tables.vips = vip_entries(config_, facts_, build_.tables);
        for (const ServiceEntry& service : previous_.services)
            service_counters_.mark_previous(service.counter);
        if (Result<void> added = add_pools(); !added)
            return added.error();
        add_services();
        return std::move(build_);
    }

  private:
    // CLOCK_BOOTTIME.
    std::uint64_t now_ms() const {
        return conditions_.now_ms != 0 ? conditions_.now_ms : std::uint64_t{now_s_} * 1000;
    }
    void add_ports();
    void add_groups();
    bool is_free(const BackendEntry& retired) const;
    Result<void> add_pools();
    void mark_backend_counters(std::span<const PoolPlan> plans);
    void add_pool(std::size_t number, const PoolPlan& plan);
    void serve_by_policy(std::size_t number, bool is_new, PoolEntry& entry);
    void add_ring(PoolEntry& pool, const PoolEntry* previous);
    bool keep_ring(PoolEntry& pool, const PoolEntry& previous) const;
    void add_backend(std::size_t pool, std::uint32_t number, const AssignedIndex& index);
    void add_retired_backend(const BackendEntry& previous);
    void add_services();

    const config::Config& config_;
    const net::Facts& facts_;
    const Tables& previous_;
    const Counters& counters_;
    const std::uint32_t now_s_;
    const RingSupply& supply_;
    const std::vector<bool>& unnamed_;  // by index into previous_.backends; empty: not known
    Conditions conditions_;
    std::vector<bool> pool_has_udp_;
    // How long after its last packet a worker may still remember a flow: by the longest timeout of
    // the previous and of the next generation, because workers switch at different times.
    std::uint32_t flow_memory_s_ = 0;
    NumberAllocator service_counters_{abi::kMaxServices};
    NumberAllocator backend_counters_{abi::kMaxBackends};  // marked only if there are new backends
    std::vector<RingOrder> ring_orders_;
    // Of the backends of one pool, in the order of the configuration; the vectors are reused.
    std::vector<PoolMember> members_;
    std::vector<std::size_t> position_;  // of their entries in the table
    Build build_;
};

void Builder::add_ports() {
    for (const net::PortFacts& port : facts_.ports) {
        abi::PortEntry entry{};
        entry.source_v4 = port.source_v4;
        entry.source_v6 = port.source_v6;
        entry.mtu = port.mtu;
        entry.vlan = port.vlan;
        entry.outer_vlan = port.outer_vlan;
        entry.source_v4_bits = port.source_v4_bits;
        entry.source_v6_bits = port.source_v6_bits;
        build_.tables.ports.push_back(entry);
    }
}

// A group keeps its lease. A new group gets one that no previous group had, as long as there is
// one.
void Builder::add_groups() {
    NumberAllocator leases(abi::kMaxGroups);
    for (const abi::GroupEntry& group : previous_.groups)
        leases.mark_previous(group.lease);
    for (const config::Group& group : config_.groups) {
        if (const std::uint16_t lease = find_lease(previous_, group.name); lease != abi::kNoGroup)
            leases.keep(lease);
    }
    for (const config::Group& group : config_.groups) {
        const auto port =
            std::find_if(facts_.ports.begin(), facts_.ports.end(),
                         [&](const net::PortFacts& one) { return one.name == group.port; });
        if (!config::is_elected(config_, group) || port == facts_.ports.end())
            continue;
        abi::GroupEntry entry{};
        group.name.copy(entry.name, sizeof entry.name - 1);
        const std::uint16_t previous = find_lease(previous_, group.name);
        entry.lease =
            previous != abi::kNoGroup ? previous : static_cast<std::uint16_t>(leases.allocate());
        entry.port = static_cast<std::uint8_t>(port - facts_.ports.begin());
        entry.advert_interval_ms = group.advert_interval_ms;
        entry.announce_interval_s = group.announce_interval_s;
        if (group.auth_key) {
            entry.auth = static_cast<std::uint8_t>(group.is_v4() ? abi::AdvertAuth::kIpv4
                                                                 : abi::AdvertAuth::kIpv6);
            entry.auth_key = *group.auth_key;
        }
        entry.first_advert = static_cast<std::uint32_t>(build_.tables.adverts.size());
        for (const abi::AdvertEntry& advert : advert_entries(group, facts_, *port))
            build_.tables.adverts.push_back(advert);
        entry.advert_count =
            static_cast<std::uint32_t>(build_.tables.adverts.size()) - entry.first_advert;
        build_.tables.groups.push_back(entry);
    }
}

// No flow names a retired backend once the workers have looked, or for so long that no worker can
// remember a flow.
bool Builder::is_free(const BackendEntry& retired) const {
    const auto index = static_cast<std::size_t>(&retired - previous_.backends.data());
    return (index < unnamed_.size() && unnamed_[index]) || now_s_ - retired.time_s > flow_memory_s_;
}

Result<void> Builder::add_pools() {
    const Result<std::vector<PoolPlan>> planned = plan_pools(
        config_, previous_, [this](const BackendEntry& retired) { return is_free(retired); });
    if (!planned)
        return planned.error();
    const std::vector<PoolPlan>& plans = *planned;
    if (std::ranges::any_of(plans, [](const PoolPlan& plan) { return plan.indices.any_new(); }))
        mark_backend_counters(plans);
    build_.tables.pools.reserve(plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i)
        add_pool(i, plans[i]);
    build_.new_rings = build_rings(std::move(ring_orders_), build_.tables.key, supply_);
    for (const NewRing& ring : build_.new_rings) {
        for (const std::size_t pool : ring.pools)
            build_.tables.pools[pool].ring_store = 0;  // until Publisher::prepare() chooses one
    }
    return {};
}

void Builder::mark_backend_counters(std::span<const PoolPlan> plans) {
    for (const BackendEntry& backend : previous_.backends)
        backend_counters_.mark_previous(backend.counter);
    for (const PoolPlan& plan : plans) {
        for (std::uint32_t i = 0; i < plan.indices.size(); ++i) {
            if (const AssignedIndex index = plan.indices[i]; !index.is_new)
                backend_counters_.keep(index.previous->counter);
        }
    }
}

void Builder::add_pool(std::size_t number, const PoolPlan& plan) {
    const config::Pool& pool = config_.pools[number];
    PoolEntry entry{};
    pool.name.copy(entry.name, sizeof entry.name - 1);
    entry.salt = plan.previous != nullptr ? plan.previous->salt : build_.tables.next_pool_salt++;
    if (plan.previous != nullptr)
        std::ranges::copy(plan.previous->flow_classes, entry.flow_classes);
    entry.backend_base = static_cast<std::uint32_t>(build_.tables.backends.size());
    entry.backend_count = static_cast<std::uint32_t>(plan.indices.size());
    members_.assign(pool.backends.size(), {});
    position_.assign(pool.backends.size(), 0);
    for (std::uint32_t i = 0; i < plan.indices.size(); ++i) {
        const AssignedIndex index = plan.indices[i];
        if (index.configured) {
            members_[*index.configured].was_writer =
                plan.previous != nullptr && !index.is_new && plan.previous->writer == i + 1;
            add_backend(number, *index.configured, index);
        } else {
            add_retired_backend(*index.previous);
        }
    }
    serve_by_policy(number, plan.previous == nullptr, entry);
    entry.ring_slots = plan.previous != nullptr ? plan.previous->ring_slots : pool.ring_slots;
    add_ring(entry, plan.previous);
    build_.tables.pools.push_back(entry);
}

// Of the pool whose backends were added last: `members_` says what is known of them.
void Builder::serve_by_policy(std::size_t number, bool is_new, PoolEntry& entry) {
    const PoolOutcome outcome =
        apply_policy(config_.pools[number], members_, {.is_new = is_new, .now_ms = now_ms()});
    entry.tier = static_cast<std::uint8_t>(outcome.tier);
    entry.fails_open = outcome.fails_open ? 1 : 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        BackendEntry& backend = build_.tables.backends[position_[i]];
        backend.state = static_cast<std::uint8_t>(members_[i].condition.state);
        backend.ring_weight = static_cast<std::uint16_t>(members_[i].ring_weight);
        backend.came_up_at_ms = members_[i].came_up_at_ms;
        if (outcome.writer == i)
            entry.writer = static_cast<std::uint16_t>(position_[i] - entry.backend_base + 1);
    }
}

// Keeps a ring of the previous generation that has the same size, and the same members at the same
// indices: the pool's own ring, or the ring of another pool. Else the pool needs a new ring.
void Builder::add_ring(PoolEntry& pool, const PoolEntry* previous) {
    pool.ring_store = abi::kNoRing;
    if (previous != nullptr && keep_ring(pool, *previous))
        return;
    std::vector<RingMember> members = ring_members(backends_of(build_.tables, pool));
    if (members.empty())
        return;
    for (const PoolEntry& other : previous_.pools) {
        if (keep_ring(pool, other))
            return;
    }
    ring_orders_.push_back({build_.tables.pools.size(), std::move(members), pool.ring_slots});
}

bool Builder::keep_ring(PoolEntry& pool, const PoolEntry& previous) const {
    if (previous.ring_store == abi::kNoRing || previous.ring_slots != pool.ring_slots ||
        previous_.key != build_.tables.key ||
        !same_ring_members(backends_of(previous_, previous), backends_of(build_.tables, pool)))
        return false;
    pool.ring_store = previous.ring_store;
    pool.ring_checksum = previous.ring_checksum;
    return true;
}

void Builder::add_backend(std::size_t pool, std::uint32_t number, const AssignedIndex& index) {
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
    member.is_taken_out = admin != abi::BackendAdmin::kReady;
    member.previous = inputs.previous;
    member.condition = condition_of(inputs);
    position_[number] = build_.tables.backends.size();
    BackendEntry& entry = build_.tables.backends.emplace_back();
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

void Builder::add_retired_backend(const BackendEntry& previous) {
    BackendEntry& entry = build_.tables.backends.emplace_back(previous);
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

void Builder::add_services() {
    using Identity = std::tuple<IpAddress, std::uint8_t, std::uint16_t, std::uint16_t>;
    const auto identity = [](const ServiceEntry& service) {
        return Identity(service.vip, service.protocol, service.port_first, service.port_last);
    };
    PreviousEntries<ServiceEntry, std::map<Identity, const ServiceEntry*>> by_identity(
        previous_.services, identity);
    std::vector<ServiceEntry>& services = build_.tables.services;
    services.reserve(config_.services.size());
    std::vector<std::size_t> added;
    for (const config::Service& service : config_.services) {
        ServiceEntry entry{};
        entry.vip = service.vip;
        entry.port_first = service.port_first;
        entry.port_last = service.port_last;
        entry.protocol = static_cast<std::uint8_t>(service.protocol);
        entry.forward = static_cast<std::uint8_t>(service.forward);
        entry.affinity = static_cast<std::uint8_t>(service.affinity);
        entry.flags = service.pin_flows ? 0 : abi::kServiceRingOnly;
        entry.pool = static_cast<std::uint32_t>(service.pool);
        if (const ServiceEntry* previous = by_identity.find(identity(entry))) {
            entry.counter = previous->counter;
            entry.baseline_packets = previous->baseline_packets;
            entry.baseline_bytes = previous->baseline_bytes;
            entry.flow_class = previous->flow_class;
            service_counters_.keep(entry.counter);
        } else {
            added.push_back(services.size());
        }
        services.push_back(entry);
    }
    FlowClasses classes(previous_.services);
    for (const std::size_t index : added) {
        ServiceEntry& entry = services[index];
        entry.flow_class = classes.choose(entry);
        entry.counter = service_counters_.allocate();
        const CounterValue value = counters_.service(entry.counter);
        entry.baseline_packets = value.packets;
        entry.baseline_bytes = value.bytes;
    }
    for (const ServiceEntry& service : services)
        note_flow_class(build_.tables.pools[service.pool], service.flow_class);
}

}  // namespace

Result<Build> build(const config::Config& config, const net::Facts& facts, const Tables& previous,
                    const Counters& counters, std::uint32_t now_s, const RingSupply& supply,
                    const std::vector<bool>& unnamed, const Conditions& conditions) {
    return Builder(config, facts, previous, counters, now_s, supply, unnamed, conditions).run();
}

}  // namespace vipfwd::table
