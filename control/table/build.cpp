// SPDX-License-Identifier: Apache-2.0
#include "control/table/build.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>

#include "control/table/carry.h"
#include "control/table/group_adverts.h"
#include "control/table/ring.h"
#include "control/table/ring_members.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;
using abi::BackendState;
using abi::PoolEntry;
using abi::ServiceEntry;

std::span<const BackendEntry> rows(const Tables& tables, const PoolEntry& pool) {
    return std::span(tables.backends).subspan(pool.backend_base, pool.backend_count);
}

std::uint8_t vip_flags(const config::Group& group) {
    std::uint8_t flags = group.accept ? 0 : abi::kVipRefuses;
    if (group.kernel_address)
        flags |= abi::kVipIsLocal;
    return flags;
}

// Builds one generation, part by part; `previous` is read, `build` written.
class Builder {
  public:
    Builder(const config::Config& config, const net::Facts& facts, const Tables& previous,
            const Counters& counters, std::uint32_t now_s)
        : config_(config), facts_(facts), previous_(previous), counters_(counters), now_s_(now_s) {
        const abi::FlowTimeouts& timeouts = config.dataplane.flow_timeouts;
        const auto longest_s = std::max(timeouts.longest_s(), previous.timeouts.longest_s());
        flow_memory_s_ = longest_s + abi::kFlowSweepPeriod_s;
    }

    Result<Build> run() {
        build_.tables.key = config_.gateway.key;
        build_.tables.timeouts = config_.dataplane.flow_timeouts;
        build_.tables.new_flows_per_s = config_.dataplane.new_flows_per_s;
        build_.tables.gue_port = config_.gateway.gue_port;
        build_.tables.next_pool_salt = std::max<std::uint32_t>(1, previous_.next_pool_salt);
        add_ports();
        add_groups();
        add_vips();
        for (const ServiceEntry& service : previous_.services)
            service_numbers_.used_before(service.counter);
        if (Result<void> added = add_pools(); !added)
            return added.error();
        add_services();
        return std::move(build_);
    }

  private:
    // What becomes of a configured pool.
    struct Plan {
        const PoolEntry* before = nullptr;  // null: the pool is new
        Seats seats;
    };

    void add_ports();
    void add_groups();
    void add_vips();
    Result<void> add_pools();
    void note_backend_numbers(std::span<const Plan> plans);
    void add_pool(const config::Pool& pool, const Plan& plan);
    void add_ring(PoolEntry& pool, const PoolEntry* before);
    void occupy(BackendEntry& row, const config::Backend& holder, const Seat& seat);
    void retire(BackendEntry& row, const BackendEntry& before) const;
    void add_services();

    const config::Config& config_;
    const net::Facts& facts_;
    const Tables& previous_;
    const Counters& counters_;
    const std::uint32_t now_s_;
    // For how long after its last packet some worker may remember a flow. Workers go by the
    // timeouts in force until they take up the next ones.
    std::uint32_t flow_memory_s_ = 0;
    CounterNumbers service_numbers_{abi::kMaxServices};
    CounterNumbers backend_numbers_{abi::kMaxBackends};  // known once there are newcomers
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

// A group keeps its lease. A lease that a group had until now is the last to be given to another.
void Builder::add_groups() {
    CounterNumbers leases(abi::kMaxGroups);
    for (const abi::GroupEntry& group : previous_.groups)
        leases.used_before(group.lease);
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
        const std::uint16_t before = find_lease(previous_, group.name);
        entry.lease = before != abi::kNoGroup ? before : static_cast<std::uint16_t>(leases.take());
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

void Builder::add_vips() {
    std::vector<abi::VipEntry>& vips = build_.tables.vips;
    const auto add = [&vips](const IpAddress& address, std::uint16_t lease, std::uint8_t flags) {
        abi::VipEntry& entry = vips.emplace_back();
        entry.address = address;
        entry.lease = lease;
        entry.flags = flags;
    };
    for (const config::Group& group : config_.groups) {
        for (const IpAddress& address : group.vips)
            add(address, find_lease(build_.tables, group.name), vip_flags(group));
    }
    for (const config::Service& service : config_.services)
        add(service.vip, abi::kNoGroup, 0);
    std::stable_sort(vips.begin(), vips.end(),
                     [](const auto& a, const auto& b) { return a.address < b.address; });
    // The first of those with one address is the group's, if it has one.
    const auto repeated = [](const auto& a, const auto& b) { return a.address == b.address; };
    vips.erase(std::unique(vips.begin(), vips.end(), repeated), vips.end());
}

Result<void> Builder::add_pools() {
    Known<PoolEntry, std::unordered_map<std::string_view, const PoolEntry*>> known(
        previous_.pools, [](const PoolEntry& pool) { return std::string_view(pool.name); });
    std::vector<Plan> plans;
    plans.reserve(config_.pools.size());
    std::size_t total = 0;
    for (const config::Pool& pool : config_.pools) {
        const PoolEntry* before = known.find(pool.name);
        const auto rows_before =
            before != nullptr ? rows(previous_, *before) : std::span<const BackendEntry>();
        const Plan& plan = plans.emplace_back(
            Plan{before, assign_seats(rows_before, pool, now_s_, flow_memory_s_)});
        total += plan.seats.size();
        if (plan.seats.size() > abi::kMaxBackendsPerPool) {
            return Error{"pool '" + pool.name + "': " + std::to_string(plan.seats.size()) +
                         " backends with those removed in the last " +
                         std::to_string(flow_memory_s_ / 60) + " minutes, the limit is " +
                         std::to_string(abi::kMaxBackendsPerPool)};
        }
    }
    if (total > abi::kMaxBackends) {
        return Error{std::to_string(total) + " backends with those removed in the last " +
                     std::to_string(flow_memory_s_ / 60) + " minutes, the limit is " +
                     std::to_string(abi::kMaxBackends)};
    }
    if (std::ranges::any_of(plans, [](const Plan& plan) { return plan.seats.any_new(); }))
        note_backend_numbers(plans);
    build_.tables.pools.reserve(plans.size());
    build_.tables.backends.reserve(total);
    for (std::size_t i = 0; i < plans.size(); ++i)
        add_pool(config_.pools[i], plans[i]);
    return {};
}

void Builder::note_backend_numbers(std::span<const Plan> plans) {
    for (const BackendEntry& backend : previous_.backends)
        backend_numbers_.used_before(backend.counter);
    for (const Plan& plan : plans) {
        for (std::uint32_t i = 0; i < plan.seats.size(); ++i) {
            if (const Seat seat = plan.seats[i]; !seat.is_new)
                backend_numbers_.keep(seat.before->counter);
        }
    }
}

void Builder::add_pool(const config::Pool& pool, const Plan& plan) {
    PoolEntry entry{};
    pool.name.copy(entry.name, sizeof entry.name - 1);
    entry.salt = plan.before != nullptr ? plan.before->salt : build_.tables.next_pool_salt++;
    entry.backend_base = static_cast<std::uint32_t>(build_.tables.backends.size());
    entry.backend_count = static_cast<std::uint32_t>(plan.seats.size());
    for (std::uint32_t i = 0; i < plan.seats.size(); ++i) {
        const Seat seat = plan.seats[i];
        BackendEntry& row = build_.tables.backends.emplace_back();
        if (seat.holder)
            occupy(row, pool.backends[*seat.holder], seat);
        else
            retire(row, *seat.before);
    }
    add_ring(entry, plan.before);
    build_.tables.pools.push_back(entry);
}

// Keeps the ring in force if it has the same members in the same places, else builds one.
void Builder::add_ring(PoolEntry& pool, const PoolEntry* before) {
    const auto now = rows(build_.tables, pool);
    if (before != nullptr && previous_.key == build_.tables.key &&
        same_ring_members(rows(previous_, *before), now)) {
        pool.ring_store = before->ring_store;
        pool.ring_slots = before->ring_slots;
        pool.ring_checksum = before->ring_checksum;
        return;
    }
    const std::vector<RingMember> members = ring_members(now);
    if (members.empty())
        return;
    NewRing ring{build_.tables.pools.size(), std::vector<std::uint16_t>(abi::kRingSlots)};
    build_ring(members, build_.tables.key, ring.slots);
    pool.ring_slots = abi::kRingSlots;
    build_.new_rings.push_back(std::move(ring));
}

void Builder::occupy(BackendEntry& row, const config::Backend& holder, const Seat& seat) {
    row.address = holder.address;
    row.weight = holder.weight;
    row.state = static_cast<std::uint8_t>(holder.weight > 0 ? BackendState::kServing
                                                            : BackendState::kDraining);
    if (seat.is_new) {
        row.counter = backend_numbers_.take();
        const CounterValue value = counters_.backend(row.counter);
        row.baseline_packets = value.packets;
        row.baseline_bytes = value.bytes;
    } else {
        row.counter = seat.before->counter;
        row.baseline_packets = seat.before->baseline_packets;
        row.baseline_bytes = seat.before->baseline_bytes;
    }
    if (const std::optional<net::NextHop> hop = facts_.next_hop(holder.address)) {
        row.resolved = 1;
        row.next_hop = hop->mac;
        row.port = hop->port;
    }
}

void Builder::retire(BackendEntry& row, const BackendEntry& before) const {
    row = before;
    if (row.state != static_cast<std::uint8_t>(BackendState::kRetired))
        row.retired_at_s = now_s_;
    row.state = static_cast<std::uint8_t>(BackendState::kRetired);
    row.resolved = 0;
    row.next_hop = {};
    row.port = 0;
}

void Builder::add_services() {
    using Identity = std::tuple<IpAddress, std::uint8_t, std::uint16_t, std::uint16_t>;
    const auto identity = [](const ServiceEntry& service) {
        return Identity(service.vip, service.protocol, service.port_first, service.port_last);
    };
    Known<ServiceEntry, std::map<Identity, const ServiceEntry*>> known(previous_.services,
                                                                       identity);

    std::vector<ServiceEntry>& services = build_.tables.services;
    services.reserve(config_.services.size());
    std::vector<std::size_t> newcomers;
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
        if (const ServiceEntry* before = known.find(identity(entry))) {
            entry.counter = before->counter;
            entry.baseline_packets = before->baseline_packets;
            entry.baseline_bytes = before->baseline_bytes;
            service_numbers_.keep(entry.counter);
        } else {
            newcomers.push_back(services.size());
        }
        services.push_back(entry);
    }
    for (const std::size_t newcomer : newcomers) {
        ServiceEntry& entry = services[newcomer];
        entry.counter = service_numbers_.take();
        const CounterValue value = counters_.service(entry.counter);
        entry.baseline_packets = value.packets;
        entry.baseline_bytes = value.bytes;
    }
}

}  // namespace

Result<Build> build(const config::Config& config, const net::Facts& facts, const Tables& previous,
                    const Counters& counters, std::uint32_t now_s) {
    return Builder(config, facts, previous, counters, now_s).run();
}

std::vector<const BackendEntry*> backend_rows(const Tables& tables, const config::Pool& pool) {
    std::vector<const BackendEntry*> found(pool.backends.size(), nullptr);
    const PoolEntry* entry = find_pool(tables, pool.name);
    if (entry == nullptr)
        return found;
    std::unordered_map<IpAddress, const BackendEntry*, AddressHash> by_address;
    for (const BackendEntry& row : rows(tables, *entry)) {
        if (row.state != static_cast<std::uint8_t>(BackendState::kRetired))
            by_address.emplace(row.address, &row);
    }
    for (std::size_t i = 0; i < pool.backends.size(); ++i) {
        if (const auto row = by_address.find(pool.backends[i].address); row != by_address.end())
            found[i] = row->second;
    }
    return found;
}

}  // namespace vipfwd::table
