// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/track.h"

#include <array>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/headers.h"

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

const ServiceView& service_of(const Tables& tables, const Packet& packet) {
    return tables.services[packet.service];
}

FlowPlace place_of(const Tables& tables, const FlowTable& flows, const Packet& packet) {
    return flows.place(packet.hash, service_of(tables, packet).salt);
}

// The backend that a flow entry names is there, and keeps flows.
bool is_kept(const Tables& tables, const ServiceView& service, const FlowEntry& entry) {
    return entry.backend < service.backend_count &&
           !(tables.has_retired && tables.retired[service.backend_base + entry.backend]);
}

// The flow of a packet that makes one.
void remember(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
              const Packet& packet) {
    const FlowPlace place = place_of(tables, state.flows, packet);
    const auto index =
        static_cast<std::uint16_t>(packet.backend - service_of(tables, packet).backend_base);
    const FlowState flow_state = next_state(FlowState::kFree, packet);
    FlowEntry* const known =
        is_first(packet) ? state.flows.find_first(place, age) : state.flows.find(place, age);
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

void find_elsewhere(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
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

// Nearly every packet: it says nothing new about its connection.
bool is_plain(const Packet& packet) {
    constexpr std::uint8_t kTelling = kTcpSyn | kTcpFin | kTcpRst;
    return packet.kind == Kind::kFlow && (packet.tcp_flags & kTelling) == 0 &&
           packet.protocol == kIpProtocolTcp;
}

void use_flow(WorkerState& state, const FlowAge& age, FlowEntry& entry, const Packet& packet) {
    if (packet.kind == Kind::kIcmpError)  // anybody may send one: it does not keep the flow
        return;
    ++state.counts.hits;
    update(entry, entry.backend, next_state(state_of(entry), packet), age);
}

// Nearly every packet: of an established flow that had another one just before, whose entry is left
// as it is. False if it is any other.
bool use_common(const Tables& tables, const FlowTable& flows, const FlowPlace& place,
                const FlowAge& age, Packet& packet) {
    const FlowEntry* const entry = flows.find_used_now(place, age);
    const ServiceView& service = service_of(tables, packet);
    if (entry == nullptr || !is_kept(tables, service, *entry))
        return false;
    packet.backend = service.backend_base + entry->backend;
    return true;
}

// Packets of flows that have an entry, and all that may have one at another worker; but no first
// ones. Apart from track, so that that is short.
[[gnu::noinline]] void track_other(const Tables& tables, WorkerState& state, Moment now,
                                   const FlowPlace& place, const FlowAge& age, Packet& packet) {
    FlowEntry* const entry = state.flows.find(place, age);
    const ServiceView& service = service_of(tables, packet);
    if (entry != nullptr && is_kept(tables, service, *entry)) {
        packet.backend = service.backend_base + entry->backend;
        use_flow(state, age, *entry, packet);
    } else if (may_be_elsewhere(packet)) {
        find_elsewhere(tables, state, now, age, packet);
    } else {
        state.counts.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
    }
}

}  // namespace

bool track(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
           std::span<Packet> packets) {
    struct Sought {
        Packet* packet;
        FlowPlace place;
    };
    std::array<Sought, kBurstSize> storage;
    Sought* end = storage.data();
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
    const std::span sought(storage.data(), end);
    // With nothing in between: a prefetch whose page is not known yet holds up what follows it, but
    // not its likes.
    if (flows.is_large()) {
        for (const Sought& one : sought)
            flows.prefetch(one.place);
    }
    std::uint32_t plain_hits = 0;
    for (const auto& [sought_packet, place] : sought) {
        Packet& packet = *sought_packet;
        const bool plain = is_plain(packet);
        if (plain && use_common(tables, flows, place, age, packet)) {
            ++plain_hits;
            __builtin_prefetch(&tables.backends[packet.backend]);
            continue;
        }
        if (plain || !is_first(packet)) {
            // Not of the copy: what was pinned in this burst may be elsewhere.
            if (state.flows.has_candidate(place) || may_be_elsewhere(packet))
                track_other(tables, state, now, place, age, packet);
            else
                state.counts.missed += packet.protocol == kIpProtocolTcp ? 1 : 0;
        }
        if (packet.backend == kNone)
            all_pinned = false;
        else
            __builtin_prefetch(&tables.backends[packet.backend]);
    }
    state.counts.hits += plain_hits;
    return all_pinned;
}

// All that it calls is inlined: a flood of new flows takes this way.
[[gnu::flatten]] void pin(const Tables& tables, WorkerState& state, Moment now, const FlowAge& age,
                          std::span<const Packet* const> packets) {
    for (const Packet* packet : packets) {
        if (makes_flow(*packet))
            remember(tables, state, now, age, *packet);
    }
}

}  // namespace vipfwd::packet
