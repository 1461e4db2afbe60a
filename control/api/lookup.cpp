// SPDX-License-Identifier: Apache-2.0
#include "control/api/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "control/api/in_force.h"
#include "control/api/words.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/drop_reason.h"

namespace vipfwd::api {
namespace {

using abi::DropReason;

bool is_vip(const table::Tables& tables, const IpAddress& address) {
    return std::any_of(tables.vips.begin(), tables.vips.end(),
                       [&](const abi::VipEntry& vip) { return vip.address == address; });
}

// Services do not overlap, so that at most one is found.
const abi::ServiceEntry* find_service(const table::Tables& tables, const abi::FlowKey& flow) {
    const std::uint16_t port = flow.destination_port.host();
    const auto found = std::find_if(
        tables.services.begin(), tables.services.end(), [&](const abi::ServiceEntry& service) {
            return service.vip == flow.destination && service.protocol == flow.protocol &&
                   service.port_first <= port && port <= service.port_last;
        });
    return found != tables.services.end() ? &*found : nullptr;
}

std::string why_no_service(const State& state, const abi::FlowKey& flow) {
    const table::Tables& tables = tables_in_force(state);
    const std::string address = to_string(flow.destination);
    if (state.publisher == nullptr || state.publisher->generation() == 0)
        return "no tables are in force yet: they are made when a dataplane connects";
    if (!is_vip(tables, flow.destination))
        return address + " is not a VIP: such packets are the kernel's";
    return fmt::format(
        "{} is a VIP, but no service of it has {} port {}: such packets go to the kernel, or are "
        "dropped ({}) on a port without a way to it",
        address, word(static_cast<abi::Protocol>(flow.protocol)), flow.destination_port.host(),
        name(DropReason::kNoKernelPath));
}

// As configured; by what identifies it if the configuration has lost it already.
std::string service_name(const State& state, const abi::ServiceEntry& row) {
    for (const config::Service& service : state.config.services) {
        if (service.vip == row.vip && static_cast<std::uint8_t>(service.protocol) == row.protocol &&
            service.port_first == row.port_first && service.port_last == row.port_last)
            return service.name;
    }
    return fmt::format("{} {} port {}", to_string(row.vip),
                       word(static_cast<abi::Protocol>(row.protocol)),
                       port_range(row.port_first, row.port_last));
}

std::string backend_name(const State& state, const std::string& pool_name,
                         const IpAddress& address) {
    for (const config::Pool& pool : state.config.pools) {
        if (pool.name != pool_name)
            continue;
        for (const config::Backend& backend : pool.backends) {
            if (backend.address == address)
                return backend.name;
        }
    }
    return to_string(address);
}

// What of a flow decides its slot.
abi::FlowKey deciding_part(const abi::FlowKey& flow, abi::Affinity affinity) {
    if (affinity != abi::Affinity::kSource)
        return flow;
    abi::FlowKey part;
    part.source = flow.source;
    part.destination = flow.destination;
    return part;
}

// What keeps packets from reaching the backend that was chosen; empty if nothing does.
std::string obstacle(const State& state, const abi::ServiceEntry& service,
                     const abi::BackendEntry& backend) {
    if (backend.resolved == 0) {
        return fmt::format(
            "; its next hop is not resolved, so packets are dropped ({}) until it is",
            name(DropReason::kNoNextHop));
    }
    const table::Tables& tables = tables_in_force(state);
    const auto forward = static_cast<abi::Forward>(service.forward);
    if (!abi::forward_mode(forward).is_tunnel || backend.port >= tables.ports.size())
        return "";
    const abi::PortEntry& port = tables.ports[backend.port];
    const IpAddress& tunnel_source = backend.address.is_v4() ? port.source_v4 : port.source_v6;
    if (tunnel_source.is_none()) {
        return fmt::format("; its port has no address to tunnel from, so packets are dropped ({})",
                           name(DropReason::kNoTunnelSource));
    }
    return "";
}

}  // namespace

Json lookup(const State& state, const abi::FlowKey& flow) {
    Json found = {{"service", nullptr},  {"pool", nullptr},    {"forward", nullptr},
                  {"affinity", nullptr}, {"slot", nullptr},    {"ring_slots", nullptr},
                  {"backend", nullptr},  {"address", nullptr}, {"next_hop", nullptr}};
    const table::Tables& tables = tables_in_force(state);
    const abi::ServiceEntry* service = find_service(tables, flow);
    if (service == nullptr) {
        found["why"] = why_no_service(state, flow);
        return found;
    }
    const abi::PoolEntry& pool = tables.pools[service->pool];
    found["service"] = service_name(state, *service);
    found["pool"] = pool.name;
    found["forward"] = word(static_cast<abi::Forward>(service->forward));
    const auto affinity = static_cast<abi::Affinity>(service->affinity);
    found["affinity"] = word(affinity);

    const auto ring = state.publisher->ring(pool);
    const std::uint64_t hash = abi::flow_hash(deciding_part(flow, affinity), tables.key);
    const std::uint32_t slot = ring.empty() ? 0 : abi::ring_slot(hash, pool.ring_slots);
    const std::uint16_t index = ring.empty() ? abi::kNoBackend : ring[slot];
    if (index >= pool.backend_count) {
        found["why"] = fmt::format(
            "pool {} has no backend that takes new flows: they are dropped "
            "({})",
            pool.name, name(DropReason::kPoolEmpty));
        return found;
    }
    const abi::BackendEntry& backend = tables.backends[pool.backend_base + index];
    found["slot"] = slot;
    found["ring_slots"] = pool.ring_slots;
    found["backend"] = backend_name(state, pool.name, backend.address);
    found["address"] = to_string(backend.address);
    found["next_hop"] = next_hop(state, backend.address, &backend, port_names(state));
    const bool ring_only = (service->flags & abi::kServiceRingOnly) != 0;
    found["why"] = fmt::format(
        "slot {} of {} of pool {}'s ring{}{}; {}", slot, pool.ring_slots, pool.name,
        affinity == abi::Affinity::kSource ? ", by source and VIP alone (affinity source)" : "",
        obstacle(state, *service, backend),
        ring_only ? "no flow is pinned: all packets go by the ring (pin_flows)"
                  : "an established flow stays with the backend that it began with");
    return found;
}

}  // namespace vipfwd::api
