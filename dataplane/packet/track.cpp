// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/track.h"

#include <array>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/flow_rules.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {
namespace {

// An ICMP error or a fragment: its flow may be in the table of another worker.
bool may_be_at_other_worker(const Packet& packet) {
    return packet.kind != Kind::kFlow;
}

const ServiceView& service_of(const Tables& tables, const Packet& packet) {
    return tables.services[packet.service];
}

FlowPlace place_of(const Tables& tables, const FlowLookup& flows, const Packet& packet) {
    return flows.place(packet.hash, service_of(tables, packet).tag_base);
}

// True if the flow keeps its backend for any event but kOpen (keeps_backend()).
bool is_kept(const Tables& tables, const ServiceView& service, const FlowEntry& entry) {
    return entry.backend < service.backend_count &&
           !(tables.any_loses_flows && tables.loses_flows[service.backend_base + entry.backend]);
}

// The same for every event.
bool is_kept(const Tables& tables, const ServiceView& service, const FlowEntry& entry,
             FlowEvent event) {
    if (entry.backend >= service.backend_count)
        return false;
    const abi::BackendEntry& backend =
        tables.generation.backends[service.backend_base + entry.backend];
    return keeps_backend(static_cast<abi::BackendState>(backend.state), event);
}

// Notes in the entry what the packet does to the flow.
void change_flow(FlowTable& flows, const FlowAge& age, FlowEntry& entry, FlowEvent event) {
    if (event == FlowEvent::kUse && age.is_settled(entry))
        return;
    const FlowState before = state_of(entry);
    FlowChange change = change_of(before, event, age.idle(entry) >= kProofTime);
    if (!change.is_stamped)
        return;
    if (is_proven(change.state) && !is_proven(before) && !flows.may_prove(entry))
        change.state = before;
    flows.change(entry, entry.backend, change.state, age);
}

// Whether the budget of the service has a share for a flow that begins with the packet.
[[gnu::noinline]] bool is_within_budget(const Tables& tables, WorkerState& state, const Moment& now,
                                        FlowState first, const Packet& packet) {
    const std::uint32_t per_second = tables.generation.header.new_flows_per_s;
    if (per_second == 0)
        return true;
    const bool is_syn = first == FlowState::kOpening;
    const Evidence evidence = state.unpinned.note(packet.hash, is_syn, now.ms);
    return state.new_flows.take(service_of(tables, packet).counter, evidence, per_second, now.ms);
}

// Inserts a flow for which another one might have to go.
[[gnu::noinline]] void make_room(WorkerState& state, const FlowAge& age, const FlowPlace& place,
                                 FlowState first, std::uint16_t index) {
    switch (state.flows.insert(place, index, first, age)) {
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

void insert_flow(const Tables& tables, WorkerState& state, const Moment& now, const FlowAge& age,
                 const FlowPlace& place, FlowState first, const Packet& packet,
                 std::uint16_t index) {
    if (state.flows.insert_free(place, index, first, age))
        ++state.counts.inserts;
    else if (is_within_budget(tables, state, now, first, packet))
        make_room(state, age, place, first, index);
    else
        ++state.counts.over_budget;
}

// A packet of a flow that is in the table, and that select has given another backend, maybe. Not
// inlined, to keep pin() small.
[[gnu::noinline]] void pin_known(const Tables& tables, WorkerState& state, const FlowAge& age,
                                 FlowEntry& known, FlowState first, Packet& packet) {
    const ServiceView& service = service_of(tables, packet);
    const FlowEvent event = event_of(packet);
    if (!is_kept(tables, service, known, event)) {
        const auto index = static_cast<std::uint16_t>(packet.backend - service.backend_base);
        return state.flows.change(known, index, first, age);
    }
    packet.backend = service.backend_base + known.backend;
    state.counts.hits += event == FlowEvent::kOpen ? 1 : 0;
    change_flow(state.flows, age, known, event);
}

// Inserts the flow of a packet that begins one. If the flow is known, the packet goes to its
// backend, or else the flow moves to the packet's.
void pin_flow(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
              FlowState first, Packet& packet) {
    const FlowPlace place = place_of(tables, state.flows, packet);
    if (FlowEntry* const known = state.flows.find(place, age))
        return pin_known(tables, state, age, *known, first, packet);
    const auto index =
        static_cast<std::uint16_t>(packet.backend - service_of(tables, packet).backend_base);
    insert_flow(tables, state, now, age, place, first, packet, index);
}

// Looks the flow up in the tables of all workers; if it is there, pins it in this worker's table
// too.
[[gnu::noinline]] void find_at_other_workers(const Tables& tables, WorkerState& state, Moment now,
                                             const FlowAge& age, Packet& packet) {
    for (std::size_t worker = 0; worker < state.all_flows.size(); ++worker) {
        const FlowLookup& flows = state.all_flows[worker];
        const auto entry = flows.peek(place_of(tables, flows, packet), age);
        const ServiceView& service = service_of(tables, packet);
        if (!entry || !is_kept(tables, service, *entry))
            continue;
        packet.backend = service.backend_base + entry->backend;
        Packet* const found = &packet;
        pin(tables, state, now, age, std::span(&found, 1));
        return;
    }
}

// Nearly every packet: of a flow, whole or a fragment, and it neither opens nor closes a
// connection.
bool is_common(const Packet& packet) {
    constexpr std::uint8_t kOpenOrClose = kTcpSyn | kTcpFin | kTcpRst;
    return packet.kind >= Kind::kLaterFragment && (packet.tcp_flags & kOpenOrClose) == 0;
}

// Fast path of track_general(), for an is_common() packet that does not change the entry of its
// flow. False if it might.
bool track_common(const Tables& tables, const FlowLookup& flows, const FlowPlace& place,
                  const FlowAge& age, Packet& packet) {
    const FlowEntry* const entry = flows.find_common(place, age);
    const ServiceView& service = service_of(tables, packet);
    if (entry == nullptr || !is_kept(tables, service, *entry))
        return false;
    packet.backend = service.backend_base + entry->backend;
    return true;
}

// Any packet but one that opens a connection, whose flow may be in a table.
[[gnu::noinline]] void track_general(const Tables& tables, WorkerState& state, const Moment& now,
                                     const FlowPlace& place, const FlowAge& age, Packet& packet) {
    // ICMP errors change no flow. They are not is_common(), because they are not counted as hits.
    if (packet.kind == Kind::kIcmpError && track_common(tables, state.flows, place, age, packet))
        return;
    FlowEntry* const entry = state.flows.find(place, age);
    const ServiceView& service = service_of(tables, packet);
    if (entry != nullptr && is_kept(tables, service, *entry)) {
        packet.backend = service.backend_base + entry->backend;
        state.counts.hits += packet.kind != Kind::kIcmpError ? 1 : 0;
        change_flow(state.flows, age, *entry, event_of(packet));
    } else if (may_be_at_other_worker(packet)) {
        find_at_other_workers(tables, state, now, age, packet);
    } else {
        state.counts.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
    }
}

// Any packet that track_common() does not take. Not inlined, to keep the loop of track() small.
[[gnu::noinline]] void track_uncommon(const Tables& tables, WorkerState& state, const Moment& now,
                                      const FlowPlace& place, const FlowAge& age, Packet& packet) {
    if (state.flows.has_candidate(place) || may_be_at_other_worker(packet))
        track_general(tables, state, now, place, age, packet);
    else
        state.counts.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
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
    const FlowLookup flows = state.flows;
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
    std::size_t others = 0;
    for (const auto& [lookup_packet, place] : lookups) {
        Packet& packet = *lookup_packet;
        if (is_common(packet) && track_common(tables, flows, place, age, packet)) {
            __builtin_prefetch(&tables.backends[packet.backend]);
            continue;
        }
        ++others;
        // Not with the copy `flows`: pinning a flow of this burst may have changed the table.
        if (opens_flow(packet))
            flows.prefetch_alternate(place);
        else
            track_uncommon(tables, state, now, place, age, packet);
        if (packet.backend == kNone)
            all_pinned = false;
        else
            __builtin_prefetch(&tables.backends[packet.backend]);
    }
    state.counts.hits += static_cast<std::uint32_t>(lookups.size() - others);
    return all_pinned;
}

// Inlines all calls, because a flood of new flows goes through here.
[[gnu::flatten]] void pin(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
                          std::span<Packet* const> packets) {
    state.flows.limit_shares(tables.generation.header.service_share_percent);
    for (Packet* packet : packets) {
        const FlowState first = first_state(*packet);
        if (first != FlowState::kFree)
            pin_flow(tables, state, now, age, first, *packet);
    }
}

bool has_proven_flow(const Tables& tables, const WorkerState& state, Moment now,
                     const Packet& packet) {
    if (service_of(tables, packet).ring_only)
        return false;
    const FlowAge age(tables.generation.header.timeouts, now.s);
    const auto entry = state.flows.peek(place_of(tables, state.flows, packet), age);
    return entry && is_proven(state_of(*entry));
}

}  // namespace vipfwd::packet
