// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/forwarding_tables.h"

#include <algorithm>

#include "dataplane/abi/forward_mode.h"
#include "dataplane/abi/ring_store.h"
#include "dataplane/packet/flow_entry.h"
#include "dataplane/packet/flow_rules.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/outer_headers.h"

namespace vipfwd::packet {
namespace {

BackendView view_backend(const Tables& tables, const abi::BackendEntry& backend) {
    const PortView& port = tables.ports[backend.port];
    BackendView view;
    view.counter = backend.counter;
    view.port = backend.port;
    view.is_v4 = backend.address.is_v4();
    const bool has_source = !(view.is_v4 ? port.source_v4 : port.source_v6).is_none();
    const bool is_same_for_all =
        port.vlan == 0 && (view.is_v4 ? port.source_v4_bits : port.source_v6_bits) == 0;
    if (backend.resolved == 0 || !has_source || !is_same_for_all)
        return view;
    view.prepared_mtu = static_cast<std::uint16_t>(std::min(port.mtu, 65535u));
    std::uint8_t* const ip = write_link(view.head.data(), backend.next_hop, port,
                                        view.is_v4 ? kEtherTypeIpv4 : kEtherTypeIpv6);
    if (view.is_v4)
        prepare_outer_ipv4(ip, port.source_v4.v4(), backend.address.v4());
    else
        prepare_outer_ipv6(ip, port.source_v6, backend.address);
    return view;
}

ServiceView view_service(const Tables& tables, const abi::ServiceEntry& service) {
    const abi::PoolEntry& pool = tables.generation.pools[service.pool];
    const bool has_ring = pool.ring_store != abi::kNoRing;
    const auto forward = static_cast<abi::Forward>(service.forward);
    const abi::ForwardMode& mode = abi::forward_mode(forward);
    return {.vip = service.vip,
            .port_first = service.port_first,
            .port_last = service.port_last,
            .protocol = service.protocol,
            .forward = forward,
            .affinity = static_cast<abi::Affinity>(service.affinity),
            .ring_only = (service.flags & abi::kServiceRingOnly) != 0,
            .overhead = {mode.overhead(false), mode.overhead(true)},
            .tag_base = flow_tag_base(pool.salt, service.flow_class),
            .backend_base = pool.backend_base,
            .backend_count = pool.backend_count,
            .ring_slots = has_ring ? pool.ring_slots : 0,
            .ring_start = has_ring ? abi::first_slot_of(pool.ring_store) : 0,
            .counter = service.counter,
            .target = target_of(service)};
}

void derive_services(Tables& tables) {
    const abi::Generation& generation = tables.generation;
    for (std::uint32_t i = 0; i < generation.header.service_count; ++i)
        tables.services[i] = view_service(tables, generation.services[i]);
    tables.services[kNoService] = {};
}

// Derives one block of backends. Also clears the marks of backends that no longer exist.
void derive_backends(Tables& tables, std::uint32_t block) {
    const abi::Generation& generation = tables.generation;
    const std::uint32_t first = block * abi::kBlockEntries;
    for (std::uint32_t i = first; i < first + abi::kBlockEntries; ++i) {
        const abi::BackendEntry& backend = generation.backends[i];
        const bool exists = i < generation.header.backend_count;
        if (exists)
            tables.backends[i] = view_backend(tables, backend);
        tables.loses_flows[i] =
            exists &&
            !keeps_backend(static_cast<abi::BackendState>(backend.state), FlowEvent::kUse);
    }
}

}  // namespace

void derive(Tables& tables) {
    tables.index.build(tables.generation);
    derive_views(tables);
}

void derive_views(Tables& tables) {
    derive_services(tables);
    tables.loses_flows.reset();
    const std::uint32_t count = tables.generation.header.backend_count;
    for (std::uint32_t block = 0; block * abi::kBlockEntries < count; ++block)
        derive_backends(tables, block);
    tables.any_loses_flows = tables.loses_flows.any();
}

void derive_changes(Tables& tables, const abi::Changes& changes) {
    if (changes.destinations)
        tables.index.build(tables.generation);
    derive_services(tables);
    for (std::uint32_t block = 0; block < changes.backends.size(); ++block) {
        if (changes.backends[block])
            derive_backends(tables, block);
    }
    tables.any_loses_flows = tables.loses_flows.any();
}

}  // namespace vipfwd::packet
