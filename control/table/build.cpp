// SPDX-License-Identifier: Apache-2.0
#include "control/table/build.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <tuple>

#include "control/table/flow_classes.h"
#include "control/table/group_adverts.h"
#include "control/table/number_allocator.h"
#include "control/table/pool_builder.h"
#include "control/table/pool_plans.h"
#include "control/table/previous_entries.h"
#include "control/table/vip_entries.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;
using abi::PoolEntry;
using abi::ServiceEntry;

void note_flow_class(PoolEntry& pool, std::uint8_t flow_class) {
    pool.flow_classes[flow_class / 64] |= std::uint64_t{1} << flow_class % 64;
}

void order_rings(Build& build, std::vector<RingOrder> orders, const RingSupply& supply) {
    build.new_rings = build_rings(std::move(orders), build.tables.key, supply);
    for (const NewRing& ring : build.new_rings) {
        for (const std::size_t pool : ring.pools)
            build.tables.pools[pool].ring_store = 0;  // until Publisher::prepare() chooses one
    }
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
          pool_builder_(config, facts, previous, counters, now_s, conditions) {
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
    void add_ports();
    void add_groups();
    bool is_free(const BackendEntry& retired) const;
    Result<void> add_pools();
    void add_services();

    const config::Config& config_;
    const net::Facts& facts_;
    const Tables& previous_;
    const Counters& counters_;
    const std::uint32_t now_s_;
    const RingSupply& supply_;
    const std::vector<bool>& unnamed_;  // by index into previous_.backends; empty: not known
    // How long after its last packet a worker may still remember a flow: by the longest timeout of
    // the previous and of the next generation, because workers switch at different times.
    std::uint32_t flow_memory_s_ = 0;
    NumberAllocator service_counters_{abi::kMaxServices};
    PoolBuilder pool_builder_;
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
    pool_builder_.mark_counters(plans);
    build_.tables.pools.reserve(plans.size());
    for (std::size_t i = 0; i < plans.size(); ++i)
        pool_builder_.add(i, plans[i], build_.tables);
    order_rings(build_, pool_builder_.take_ring_orders(), supply_);
    return {};
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

IpAddress Conditions::followed_writer(std::string_view pool) const {
    if (followed_writers == nullptr)
        return {};
    const auto writer = followed_writers->find(pool);
    return writer != followed_writers->end() ? writer->second : IpAddress();
}

Result<Build> build(const config::Config& config, const net::Facts& facts, const Tables& previous,
                    const Counters& counters, std::uint32_t now_s, const RingSupply& supply,
                    const std::vector<bool>& unnamed, const Conditions& conditions) {
    return Builder(config, facts, previous, counters, now_s, supply, unnamed, conditions).run();
}

Build rebuild(const config::Config& config, const net::Facts& facts, const Tables& previous,
              const Counters& counters, std::uint32_t now_s, std::span<const std::size_t> pools,
              const RingSupply& supply, const Conditions& conditions) {
    PoolBuilder builder(config, facts, previous, counters, now_s, conditions);
    Build made{.tables = previous, .new_rings = {}};
    Tables part;  // one pool
    part.key = previous.key;
    for (const std::size_t number : pools) {
        const PoolEntry& entry = previous.pools[number];
        part.pools.clear();
        part.backends.clear();
        builder.add(number, keep_indices(config.pools[number], previous, entry), part);
        PoolEntry& next = made.tables.pools[number];
        next = part.pools.front();
        next.backend_base = entry.backend_base;
        std::ranges::copy(part.backends, made.tables.backends.begin() + entry.backend_base);
    }
    order_rings(made, builder.take_ring_orders(), supply);
    return made;
}

}  // namespace vipfwd::table
