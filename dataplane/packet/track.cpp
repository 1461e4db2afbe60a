// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/track.h"

#include <array>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {
namespace {

// A packet that opens a connection.
bool is_initial_syn(const Packet& packet) {
    return packet.protocol == kIpProtocolTcp && (packet.tcp_flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
}

// An ICMP error or a fragment: its flow may be in the table of another worker.
bool may_be_at_other_worker(const Packet& packet) {
    return packet.kind != Kind::kFlow;
}

bool begins_flow(const Packet& packet) {
    if (packet.kind != Kind::kFlow && packet.kind != Kind::kFirstFragment)
        return false;
    if (packet.protocol != kIpProtocolTcp)
        return true;
    const bool has_syn = (packet.tcp_flags & kTcpSyn) != 0;
    const bool has_ack = (packet.tcp_flags & kTcpAck) != 0;
    const bool ends = (packet.tcp_flags & (kTcpFin | kTcpRst)) != 0;
    return has_syn ? !ends : has_ack && (packet.tcp_flags & kTcpRst) == 0;
}

// A single packet never makes a flow established: flows that anybody can begin stay evictable.
FlowState next_state(FlowState state, const Packet& packet) {
    if (packet.protocol != kIpProtocolTcp)
        return state == FlowState::kFree ? FlowState::kOpening : FlowState::kUdp;
    if ((packet.tcp_flags & (kTcpFin | kTcpRst)) != 0 || state == FlowState::kClosing)
        return FlowState::kClosing;
    return state == FlowState::kFree || is_initial_syn(packet) ? FlowState::kOpening
                                                               : FlowState::kEstablished;
}

const ServiceView& service_of(const Tables& tables, const Packet& packet) {
    return tables.services[packet.service];
}

FlowPlace place_of(const Tables& tables, const FlowTable& flows, const Packet& packet) {
    return flows.place(packet.hash, service_of(tables, packet).salt);
}

// True if the backend that the entry names exists and still keeps flows.
bool is_kept(const Tables& tables, const ServiceView& service, const FlowEntry& entry) {
    return entry.backend < service.backend_count &&
           !(tables.has_retired && tables.retired[service.backend_base + entry.backend]);
}

// Inserts or updates the flow of a packet that begins one.
void pin_flow(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
              const Packet& packet) {
    const FlowPlace place = place_of(tables, state.flows, packet);
    const auto index =
        static_cast<std::uint16_t>(packet.backend - service_of(tables, packet).backend_base);
    const FlowState flow_state = next_state(FlowState::kFree, packet);
    FlowEntry* const known =
        is_initial_syn(packet) ? state.flows.find_first(place, age) : state.flows.find(place, age);
    if (known != nullptr)
        return update(*known, index, flow_state, age);
    const std::uint32_t service = service_of(tables, packet).counter;
    if (!state.new_flows.take(service, tables.generation.header.new_flows_per_s, now.ms)) {
        ++state.counts.over_budget;
        return;
    }
    switch (state.flows.insert(place, index, flow_state, age)) {
        case InsertOutcome::kEvicted:
            ++state.counts.evictions;
            ++state.counts.inserts;
            break;
        case InsertOutcome::kInserted:
            ++state.counts.inserts;
            break;
        case InsertOutcome::kFull:
            ++state.counts.full;
            break;
    }
}

// Looks the flow up in the tables of all workers; if it is there, pins it in this worker's table
// too.
void find_at_other_workers(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
                           Packet& packet) {
    for (std::size_t worker = 0; worker < state.all_flows.size(); ++worker) {
        const FlowTable& flows = state.all_flows[worker];
        const auto entry = flows.peek(place_of(tables, flows, packet), age);
        const ServiceView& service = service_of(tables, packet);
        if (!entry || !is_kept(tables, service, *entry))
            continue;
        packet.backend = service.backend_base + entry->backend;
        const Packet* const found = &packet;
        pin(tables, state, now, age, std::span(&found, 1));
        return;
    }
}

// Nearly every packet: TCP, not fragmented, and it neither opens nor closes the connection.
bool is_common(const Packet& packet) {
    constexpr std::uint8_t kOpenOrClose = kTcpSyn | kTcpFin | kTcpRst;
    return packet.kind == Kind::kFlow && (packet.tcp_flags & kOpenOrClose) == 0 &&
           packet.protocol == kIpProtocolTcp;
}

// Notes in the entry that the packet uses the flow.
void use_flow(WorkerState& state, const FlowAge& age, FlowEntry& entry, const Packet& packet) {
    if (packet.kind ==
        Kind::kIcmpError)  // anybody can send one, so it must not keep the flow alive
        return;
    ++state.counts.hits;
    update(entry, entry.backend, next_state(state_of(entry), packet), age);
}

// Fast path of track_general(), for an is_common() packet: its flow is established and had another
// packet in the current unit of time, so its entry does not change. False if that is not so.
bool track_common(const Tables& tables, const FlowTable& flows, const FlowPlace& place,
                  const FlowAge& age, Packet& packet) {
    const FlowEntry* const entry = flows.find_common(place, age);
    const ServiceView& service = service_of(tables, packet);
    if (entry == nullptr || !is_kept(tables, service, *entry))
        return false;
    packet.backend = service.backend_base + entry->backend;
    return true;
}

// Any packet but an initial SYN. Not inlined, to keep track() small.
[[gnu::noinline]] void track_general(const Tables& tables, WorkerState& state, Moment now,
                                     const FlowPlace& place, const FlowAge& age, Packet& packet) {
    FlowEntry* const entry = state.flows.find(place, age);
    const ServiceView& service = service_of(tables, packet);
    if (entry != nullptr && is_kept(tables, service, *entry)) {
        packet.backend = service.backend_base + entry->backend;
        use_flow(state, age, *entry, packet);
    } else if (may_be_at_other_worker(packet)) {
        find_at_other_workers(tables, state, now, age, packet);
    } else {
        state.counts.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
    }
}

}  // namespace

bool track(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
           std::span<Packet> packets) {
    struct Lookup {
        Packet* packet;
        FlowPlace place;
    };
    std::array<Lookup, kBurstSize> storage;
    Lookup* end = storage.data();
    bool all_pinned = true;
    const abi::FlowHash hash(tables.generation.header.key);
    const FlowTable flows = state.flows;
    for (Packet& packet : packets) {
        if (!packet.undecided())
            continue;
        packet.hash = hash.of(packet.source, packet.hash, packet.source_port,
                              packet.destination_port, packet.protocol);
        if (service_of(tables, packet).ring_only) {
            all_pinned = false;
            continue;
        }
        const FlowPlace place = place_of(tables, flows, packet);
        *end++ = {&packet, place};
        if (!flows.is_large())
            flows.prefetch(place);
    }
    const std::span lookups(storage.data(), end);
    // Issue these prefetches back to back: a TLB miss stalls later loads, but not other prefetches.
    if (flows.is_large()) {
        for (const Lookup& lookup : lookups)
            flows.prefetch(lookup.place);
    }
    std::uint32_t common_hits = 0;
    for (const auto& [lookup_packet, place] : lookups) {
        Packet& packet = *lookup_packet;
        const bool common = is_common(packet);
        if (common && track_common(tables, flows, place, age, packet)) {
            ++common_hits;
            __builtin_prefetch(&tables.backends[packet.backend]);
            continue;
        }
        if (common || !is_initial_syn(packet)) {
            // Not the copy `flows`: pinning a flow of this burst may have changed the table.
            if (state.flows.has_candidate(place) || may_be_at_other_worker(packet))
                track_general(tables, state, now, place, age, packet);
            else
                state.counts.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
        }
        if (packet.backend == kNone)
            all_pinned = false;
        else
            __builtin_prefetch(&tables.backends[packet.backend]);
    }
    state.counts.hits += common_hits;
    return all_pinned;
}

// Inlines all calls, because a flood of new flows goes through here.
[[gnu::flatten]] void pin(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
                          std::span<const Packet* const> packets) {
    for (const Packet* packet : packets) {
        if (begins_flow(*packet))
            pin_flow(tables, state, now, age, *packet);
    }
}

}  // namespace vipfwd::packet
