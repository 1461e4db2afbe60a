// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/track.h"

#include "dataplane/abi/hash.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::packet {
namespace {

bool is_first(const Packet& packet) {
    return packet.protocol == kIpProtocolTcp && (packet.tcp_flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
}

bool makes_flow(const Packet& packet) {
    if (packet.protocol != kIpProtocolTcp)
        return true;
    const bool has_syn = (packet.tcp_flags & kTcpSyn) != 0;
    const bool has_ack = (packet.tcp_flags & kTcpAck) != 0;
    const bool ends = (packet.tcp_flags & (kTcpFin | kTcpRst)) != 0;
    return has_syn ? !ends : has_ack && (packet.tcp_flags & kTcpRst) == 0;
}

FlowState next_state(FlowState state, const Packet& packet) {
    if (packet.protocol != kIpProtocolTcp)
        return FlowState::kUdp;
    if ((packet.tcp_flags & (kTcpFin | kTcpRst)) != 0 || state == FlowState::kClosing)
        return FlowState::kClosing;
    return is_first(packet) ? FlowState::kHalfOpen : FlowState::kEstablished;
}

const abi::PoolEntry& pool_of(const Tables& tables, const Packet& packet) {
    return tables.generation.pools[tables.generation.services[packet.service].pool];
}

FlowPlace place_of(const Tables& tables, const FlowTable& flows, const Packet& packet) {
    return flows.place(packet.hash, pool_of(tables, packet).salt);
}

// The backend that a flow entry names, or kNone if it keeps no flows any more.
std::uint32_t pinned_backend(const Tables& tables, const abi::PoolEntry& pool,
                             const FlowEntry& entry) {
    if (entry.backend >= pool.backend_count)
        return kNone;
    const std::uint32_t backend = pool.backend_base + entry.backend;
    const auto state = static_cast<abi::BackendState>(tables.generation.backends[backend].state);
    return state == abi::BackendState::kRetired ? kNone : backend;
}

void find_flow(const Tables& tables, const FlowTable& flows, std::uint32_t now_s, Packet& packet,
               FlowEvents& events) {
    FlowEntry* entry = flows.find(place_of(tables, flows, packet), now_s);
    if (entry != nullptr)
        packet.backend = pinned_backend(tables, pool_of(tables, packet), *entry);
    if (packet.backend == kNone) {
        events.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
        return;
    }
    touch(*entry, next_state(state_of(*entry), packet), now_s);
    ++events.hits;
}

}  // namespace

void track(const Tables& tables, const FlowTable& flows, std::uint32_t now_s,
           std::span<Packet> packets, FlowEvents& events) {
    for (Packet& packet : packets) {
        if (!packet.undecided())
            continue;
        packet.hash = abi::flow_hash({packet.source, packet.destination, packet.source_port,
                                      packet.destination_port, packet.protocol},
                                     tables.generation.header.key);
        flows.prefetch(place_of(tables, flows, packet));
    }
    for (Packet& packet : packets) {
        if (packet.undecided() && !is_first(packet))
            find_flow(tables, flows, now_s, packet, events);
    }
}

void pin(const Tables& tables, const FlowTable& flows, std::uint32_t now_s, const Packet& packet,
         FlowEvents& events) {
    if (!makes_flow(packet))
        return;
    const auto index =
        static_cast<std::uint16_t>(packet.backend - pool_of(tables, packet).backend_base);
    const FlowState state = next_state(FlowState::kFree, packet);
    switch (flows.pin(place_of(tables, flows, packet), index, state, now_s)) {
        case PinOutcome::kUpdated:
            break;
        case PinOutcome::kEvicted:
            ++events.evictions;
            ++events.inserts;
            break;
        case PinOutcome::kInserted:
            ++events.inserts;
            break;
        case PinOutcome::kFull:
            ++events.full;
            break;
    }
}

}  // namespace vipfwd::packet
