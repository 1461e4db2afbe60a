// SPDX-License-Identifier: Apache-2.0
#include "control/view/lookup.h"

#include <algorithm>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/ring_slot.h"

namespace vipfwd::view {
namespace {

using Outcome = Lookup::Outcome;
using Obstacle = Lookup::Obstacle;

bool is_vip(const table::Tables& tables, const IpAddress& address) {
    return std::ranges::find(tables.vips, address, &abi::VipEntry::address) != tables.vips.end();
}

// Services do not overlap, so at most one matches.
const abi::ServiceEntry* find_service(const table::Tables& tables, const abi::FlowKey& flow) {
    const std::uint16_t port = flow.destination_port.host();
    const auto found = std::ranges::find_if(tables.services, [&](const abi::ServiceEntry& service) {
        return service.vip == flow.destination && service.protocol == flow.protocol &&
               service.port_first <= port && port <= service.port_last;
    });
    return found != tables.services.end() ? &*found : nullptr;
}

Outcome outcome_without_service(const Source& source, const IpAddress& destination) {
    if (source.publisher == nullptr || source.publisher->generation() == 0)
        return Outcome::kNothingInForce;
    return is_vip(tables_in_force(source), destination) ? Outcome::kNoService : Outcome::kNotVip;
}

// The configured name; empty if the service is not configured any more.
std::string service_name(const Source& source, const abi::ServiceEntry& entry) {
    for (const config::Service& service : source.config.services) {
        if (service.vip == entry.vip &&
            static_cast<std::uint8_t>(service.protocol) == entry.protocol &&
            service.port_first == entry.port_first && service.port_last == entry.port_last)
            return service.name;
    }
    return {};
}

Obstacle find_obstacle(const table::Tables& tables, const abi::ServiceEntry& service,
                       const abi::BackendEntry& backend) {
    if (backend.resolved == 0)
        return Obstacle::kNoNextHop;
    const auto forward = static_cast<abi::Forward>(service.forward);
    if (!abi::forward_mode(forward).is_tunnel || backend.port >= tables.ports.size())
        return Obstacle::kNone;
    const abi::PortEntry& port = tables.ports[backend.port];
    const IpAddress& tunnel_source = backend.address.is_v4() ? port.source_v4 : port.source_v6;
    return tunnel_source.is_none() ? Obstacle::kNoTunnelSource : Obstacle::kNone;
}

}  // namespace

Lookup lookup(const Source& source, const abi::FlowKey& flow) {
    Lookup found;
    const table::Tables& tables = tables_in_force(source);
    const abi::ServiceEntry* service = find_service(tables, flow);
    if (service == nullptr) {
        found.outcome = outcome_without_service(source, flow.destination);
        return found;
    }
    const abi::PoolEntry& pool = tables.pools[service->pool];
    found.service = service;
    found.service_name = service_name(source, *service);
    found.pool = pool.name;
    found.forward = static_cast<abi::Forward>(service->forward);
    found.affinity = static_cast<abi::Affinity>(service->affinity);
    found.ring_only = (service->flags & abi::kServiceRingOnly) != 0;

    const auto ring = source.publisher->ring(pool);
    const std::uint64_t hash = abi::slot_hash(found.affinity, abi::flow_hash(flow, tables.key),
                                              flow.source, flow.destination, tables.key);
    const std::uint32_t slot = ring.empty() ? 0 : abi::ring_slot(hash, pool.ring_slots);
    const std::uint16_t index = ring.empty() ? abi::kNoBackend : ring[slot];
    if (index >= pool.backend_count) {
        found.outcome = Outcome::kNoBackend;
        return found;
    }
    const abi::BackendEntry& backend = tables.backends[pool.backend_base + index];
    found.outcome = Outcome::kBackend;
    found.slot = slot;
    found.ring_slots = pool.ring_slots;
    found.backend =
        config::backend_name(config::find_pool(source.config, pool.name), backend.address);
    found.address = backend.address;
    found.health = static_cast<abi::BackendHealth>(backend.health);
    found.next_hop =
        next_hop(hop_now(source, backend.address), source.config, &backend, port_names(source));
    found.obstacle = find_obstacle(tables, *service, backend);
    return found;
}

}  // namespace vipfwd::view
