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

// As FlowHash takes them.
std::uint64_t ports_of(const Packet& packet) {
    return std::uint64_t{packet.source_port.raw} |
           std::uint64_t{packet.destination_port.raw} << 16 | std::uint64_t{packet.protocol} << 32;
}

const abi::PoolEntry& pool_of(const Tables& tables, const Packet& packet) {
    return tables.generation.pools[tables.generation.services[packet.service].pool];
}

FlowPlace place_of(const Tables& tables, const FlowTable& flows, const Packet& packet) {
    return flows.place(packet.hash, pool_of(tables, packet).salt);
}

// The backend of the generation that a flow entry names, or kNone if its pool has no such.
std::uint32_t named_backend(const abi::PoolEntry& pool, const FlowEntry& entry) {
    return entry.backend < pool.backend_count ? pool.backend_base + entry.backend : kNone;
}

// Whether a backend keeps flows.
bool keeps_flows(const Tables& tables, std::uint32_t backend) {
    return tables.backends[backend].state != abi::BackendState::kRetired;
}

void find_elsewhere(const Tables& tables, Memory& memory, Moment now, const FlowAge& age,
                    Packet& packet) {
    for (std::size_t worker = 0; worker < memory.all_flows.size(); ++worker) {
        const FlowTable& flows = memory.all_flows[worker];
        const auto entry = flows.peek(place_of(tables, flows, packet), age);
        if (!entry)
            continue;
        const std::uint32_t backend = named_backend(pool_of(tables, packet), *entry);
        if (backend == kNone || !keeps_flows(tables, backend))
            continue;
        packet.backend = backend;
        pin(tables, memory, now, age, packet);
        return;
    }
}

// Nearly every packet: of an established connection that had another one just before.
bool leaves_as_it_is(const Packet& packet, const FlowEntry& entry, const FlowPlace& place,
                     const FlowAge& age) {
    constexpr std::uint8_t kTelling = kTcpSyn | kTcpFin | kTcpRst;
    return packet.kind == Kind::kFlow && packet.protocol == kIpProtocolTcp &&
           (packet.tcp_flags & kTelling) == 0 && entry.tag == place.tag &&
           age.is_established_now(entry);
}

void use_flow(const Tables& tables, Memory& memory, Moment now, const FlowAge& age,
              FlowEntry* entry, const FlowPlace& place, Packet& packet) {
    if (packet.backend != kNone && !keeps_flows(tables, packet.backend))
        packet.backend = kNone;
    if (packet.backend == kNone) {
        if (may_be_elsewhere(packet))
            find_elsewhere(tables, memory, now, age, packet);
        else
            memory.events.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
        return;
    }
    if (packet.kind == Kind::kIcmpError)  // anybody may send one: it does not keep the flow
        return;
    ++memory.events.hits;
    if (entry->tag == place.tag)  // not evicted by a packet before it in the burst
        update(*entry, entry->backend, next_state(state_of(*entry), packet), age);
}

}  // namespace

// Bucket, then backend: what a pass has asked the memory for, the next one uses.
void track(const Tables& tables, Memory& memory, Moment now, const FlowAge& age,
           std::span<Packet> packets) {
    std::array<FlowPlace, kBurstSize> places;
    std::array<FlowEntry*, kBurstSize> entries;
    const abi::FlowHash hash(tables.generation.header.key);
    const FlowTable flows = memory.flows;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!packet.undecided())
            continue;
        packet.hash = hash.of(packet.source, packet.destination, ports_of(packet));
        places[i] = flows.place(packet.hash, pool_of(tables, packet).salt);
        flows.prefetch(places[i]);
    }
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!packet.undecided() || is_first(packet))
            continue;
        entries[i] = flows.find(places[i], age);
        if (entries[i] == nullptr)
            continue;
        packet.backend = named_backend(pool_of(tables, packet), *entries[i]);
        if (packet.backend != kNone)
            __builtin_prefetch(&tables.backends[packet.backend]);
    }
    std::uint32_t plain_hits = 0;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        Packet& packet = packets[i];
        if (!packet.undecided() || is_first(packet))
            continue;
        if (packet.backend != kNone && leaves_as_it_is(packet, *entries[i], places[i], age) &&
            keeps_flows(tables, packet.backend))
            ++plain_hits;
        else
            use_flow(tables, memory, now, age, entries[i], places[i], packet);
    }
    memory.events.hits += plain_hits;
}

void pin(const Tables& tables, Memory& memory, Moment now, const FlowAge& age,
         const Packet& packet) {
    if (!makes_flow(packet))
        return;
    const FlowPlace place = place_of(tables, memory.flows, packet);
    const auto index =
        static_cast<std::uint16_t>(packet.backend - pool_of(tables, packet).backend_base);
    const FlowState state = next_state(FlowState::kFree, packet);
    if (FlowEntry* known = memory.flows.find(place, age); known != nullptr)
        return update(*known, index, state, age);
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
