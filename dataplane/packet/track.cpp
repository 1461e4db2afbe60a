// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/track.h"

#include <array>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/wire.h"

namespace vipfwd::packet {
namespace {

bool is_first(const Packet& packet) {
    return packet.protocol == kIpProtocolTcp && (packet.tcp_flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
}

bool may_be_elsewhere(const Packet& packet) {
    return packet.kind != Kind::kFlow;
}

bool makes_flow(const Packet& packet) {
    if (packet.kind != Kind::kFlow && packet.kind != Kind::kFirstFragment)
        return false;
    if (packet.protocol != kIpProtocolTcp)
        return true;
    const bool has_syn = (packet.tcp_flags & kTcpSyn) != 0;
    const bool has_ack = (packet.tcp_flags & kTcpAck) != 0;
    const bool ends = (packet.tcp_flags & (kTcpFin | kTcpRst)) != 0;
    return has_syn ? !ends : has_ack && (packet.tcp_flags & kTcpRst) == 0;
}

// One packet makes no flow established, so that what anybody can send once can be evicted.
FlowState next_state(FlowState state, const Packet& packet) {
    if (packet.protocol != kIpProtocolTcp)
        return state == FlowState::kFree ? FlowState::kOpening : FlowState::kUdp;
    if ((packet.tcp_flags & (kTcpFin | kTcpRst)) != 0 || state == FlowState::kClosing)
        return FlowState::kClosing;
    return state == FlowState::kFree || is_first(packet) ? FlowState::kOpening
                                                         : FlowState::kEstablished;
}

const abi::PoolEntry& pool_of(const Tables& tables, const Packet& packet) {
    return tables.generation.pools[tables.generation.services[packet.service].pool];
}

FlowPlace place_of(const Tables& tables, const FlowTable& flows, const Packet& packet) {
    return flows.place(packet.hash, pool_of(tables, packet).salt);
}

FlowAge age_at(const Tables& tables, Moment now) {
    return {tables.generation.header.timeouts, now.s};
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

void find_elsewhere(const Tables& tables, Memory& memory, Moment now, Packet& packet) {
    for (std::size_t worker = 0; worker < memory.all_flows.size(); ++worker) {
        const FlowTable& flows = memory.all_flows[worker];
        const auto entry = flows.peek(place_of(tables, flows, packet), age_at(tables, now));
        if (!entry)
            continue;
        packet.backend = pinned_backend(tables, pool_of(tables, packet), *entry);
        if (packet.backend == kNone)
            continue;
        pin(tables, memory, now, packet);
        return;
    }
}

void find_flow(const Tables& tables, Memory& memory, Moment now, const FlowPlace& place,
               Packet& packet) {
    FlowEntry* entry = memory.flows.find(place, age_at(tables, now));
    if (entry != nullptr)
        packet.backend = pinned_backend(tables, pool_of(tables, packet), *entry);
    if (packet.backend == kNone) {
        if (may_be_elsewhere(packet))
            find_elsewhere(tables, memory, now, packet);
        else
            memory.events.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
        return;
    }
    if (packet.kind == Kind::kIcmpError)  // anybody may send one: it does not keep the flow
        return;
    update(*entry, entry->backend, next_state(state_of(*entry), packet), now.s);
    ++memory.events.hits;
}

}  // namespace

void track(const Tables& tables, Memory& memory, Moment now, std::span<Packet> packets) {
    std::array<FlowPlace, kBurstSize> places;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!packet.undecided())
            continue;
        packet.hash = abi::flow_hash({packet.source, packet.destination, packet.source_port,
                                      packet.destination_port, packet.protocol},
                                     tables.generation.header.key);
        places[i] = place_of(tables, memory.flows, packet);
        memory.flows.prefetch(places[i]);
    }
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (packets[i].undecided() && !is_first(packets[i]))
            find_flow(tables, memory, now, places[i], packets[i]);
    }
}

void pin(const Tables& tables, Memory& memory, Moment now, const Packet& packet) {
    if (!makes_flow(packet))
        return;
    const FlowPlace place = place_of(tables, memory.flows, packet);
    const FlowAge age = age_at(tables, now);
    const auto index =
        static_cast<std::uint16_t>(packet.backend - pool_of(tables, packet).backend_base);
    const FlowState state = next_state(FlowState::kFree, packet);
    if (FlowEntry* known = memory.flows.find(place, age); known != nullptr)
        return update(*known, index, state, now.s);
    const std::uint32_t service = tables.generation.services[packet.service].counter;
    if (!memory.new_flows.take(service, tables.generation.header.new_flows_per_s, now.ms)) {
        ++memory.events.over_budget;
        return;
    }
    switch (memory.flows.insert(place, index, state, age)) {
        case InsertOutcome::kEvicted:
            ++memory.events.evictions;
            ++memory.events.inserts;
            break;
        case InsertOutcome::kInserted:
            ++memory.events.inserts;
            break;
        case InsertOutcome::kFull:
            ++memory.events.full;
            break;
    }
}

}  // namespace vipfwd::packet
