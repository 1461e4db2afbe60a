// SPDX-License-Identifier: Apache-2.0
// What a packet does to its flow, and which backend the flow keeps. Pure functions.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/tables.h"
#include "dataplane/packet/flow_entry.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

enum class FlowEvent : std::uint8_t {
    kOpen,     // TCP: a SYN alone
    kUse,      // any other packet of a connection, any datagram
    kEnd,      // TCP: FIN or RST
    kNothing,  // no TCP implementation sends it (RFC 9293 §3.10): SYN with FIN or RST; none of SYN,
               // ACK and RST. Also ICMP errors, which anybody can send
};

constexpr FlowEvent tcp_event(std::uint8_t flags) {
    const bool has_ack = (flags & kTcpAck) != 0;
    const bool resets = (flags & kTcpRst) != 0;
    const bool ends = resets || (flags & kTcpFin) != 0;
    if ((flags & kTcpSyn) != 0)
        return ends ? FlowEvent::kNothing : has_ack ? FlowEvent::kUse : FlowEvent::kOpen;
    if (!has_ack && !resets)
        return FlowEvent::kNothing;
    return ends ? FlowEvent::kEnd : FlowEvent::kUse;
}

constexpr FlowEvent event_of(const Packet& packet) {
    if (packet.kind == Kind::kIcmpError)
        return FlowEvent::kNothing;
    if (packet.protocol != kIpProtocolTcp || packet.kind == Kind::kLaterFragment)
        return FlowEvent::kUse;
    return tcp_event(packet.tcp_flags);
}

// The same as event_of() == kOpen. Other packets than TCP's have no flags.
constexpr bool opens_flow(const Packet& packet) {
    return (packet.tcp_flags & (kTcpSyn | kTcpAck | kTcpFin | kTcpRst)) == kTcpSyn;
}

// The state of a flow that begins with the packet. kFree: it pins nothing, because it has no ports
// of its own, is a reset, or does nothing.
constexpr FlowState first_state(const Packet& packet) {
    constexpr std::uint8_t kFlags = 0x1f;  // FIN, SYN, RST, PSH, ACK
    constexpr auto kByFlags = [] {
        std::array<FlowState, kFlags + 1> states{};
        for (std::uint8_t flags = 0; flags <= kFlags; ++flags) {
            const FlowEvent event = tcp_event(flags);
            states[flags] = event == FlowEvent::kOpen  ? FlowState::kOpening
                            : event == FlowEvent::kUse ? FlowState::kYoung
                            : event == FlowEvent::kEnd && (flags & kTcpRst) == 0
                                ? FlowState::kClosing
                                : FlowState::kFree;
        }
        return states;
    }();
    if (packet.kind != Kind::kFlow && packet.kind != Kind::kFirstFragment)
        return FlowState::kFree;
    return packet.protocol == kIpProtocolTcp ? kByFlags[packet.tcp_flags & kFlags]
                                             : FlowState::kYoungUdp;
}

// The state of a known flow after an event, and whether its stamp becomes the time of the event.
struct FlowChange {
    FlowState state;
    bool is_stamped;

    friend constexpr bool operator==(const FlowChange&, const FlowChange&) = default;
};

//     state          kOpen          kUse       kEnd       kNothing
//     kOpening       kOpening       kYoung     kClosing   =
//     kYoung         =              proof      kClosing   =
//     kEstablished   kEstablished   the same   kClosing   =
//     kClosing       kOpening       proof      kClosing   =
//     kYoungUdp                     proof
//     kUdp                          the same
//
// "=": nothing changes, the stamp neither. "proof": nothing changes within kProofTime of the stamp
// (`has_lasted` false); after it the flow is proven. A connection that goes on after its end was
// announced has not ended: the client closed its direction only, or the FIN or RST was forged.
constexpr FlowChange change_of(FlowState state, FlowEvent event, bool has_lasted) {
    if (event == FlowEvent::kNothing)
        return {state, false};
    if (event == FlowEvent::kEnd)
        return {FlowState::kClosing, true};
    if (is_proven(state))
        return {state, true};
    if (event == FlowEvent::kOpen)
        return {state == FlowState::kYoung ? state : FlowState::kOpening,
                state != FlowState::kYoung};
    if (state == FlowState::kOpening)
        return {FlowState::kYoung, true};
    if (!has_lasted)
        return {state, false};
    return {state == FlowState::kYoungUdp ? FlowState::kUdp : FlowState::kEstablished, true};
}

// Whether a packet of a known flow goes to the backend of the flow, whatever the flow's state, or
// to one that is selected anew. If not, the flow moves to the new backend.
//
//     state of the backend    kOpen    other events
//     kServing                keeps    keeps
//     kDraining               moves    keeps
//     kRetired, kDown         moves    moves
//
// Anybody can forge a SYN of an established connection: it must not move the connection. The
// backend answers it with a challenge ACK (RFC 5961 §4). A client that has died and reuses its port
// answers the challenge with a reset, and then connects to the same backend. But a port that is
// reused for a new connection must not stick to a backend that gets no new ones.
constexpr bool keeps_backend(abi::BackendState backend, FlowEvent event) {
    switch (backend) {
        case abi::BackendState::kServing:
            return true;
        case abi::BackendState::kDraining:
            return event != FlowEvent::kOpen;
        case abi::BackendState::kRetired:
        case abi::BackendState::kDown:
            break;
    }
    return false;
}

}  // namespace vipfwd::packet
