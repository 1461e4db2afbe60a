// SPDX-License-Identifier: Apache-2.0
// The parts of rewrite. Each decides a packet: kForward, kAnswer, or a drop that leaves its frame
// unchanged.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/abi/forward_mode.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/outer_ids.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// How a packet gets to its backend: looked up once for several steps.
struct EncapTarget {
    const abi::BackendEntry& backend;
    const PortView& port;  // that leads to the backend
    const abi::ForwardMode& mode;
    bool outer_v4;           // the backend's family
    std::uint32_t overhead;  // the mode's bytes in front of the client's IP packet
};

// Fast path of rewrite(), for nearly every packet: it is untagged, the outer headers of its backend
// are prepared, and it fits the MTU. Forwards these packets and leaves all others undecided. True
// if it forwarded all.
bool encapsulate_common(const Tables& tables, OuterIds& ids, std::span<Frame> frames,
                        std::span<Packet> packets);

EncapTarget encap_target(const Tables& tables, const Packet& packet);
// Forwards a packet of any kind. Requires that the backend has a next hop and the port a tunnel
// source (if the mode needs one), that the packet fits the MTU, and that the headroom is
// sufficient.
void encapsulate(const Tables& tables, const EncapTarget& target, OuterIds& ids, Frame& frame,
                 Packet& packet);

// Rewrites the frame into the answer to the packet. Requires Action::kAnswer.
void answer(const Tables& tables, Frame& frame, Packet& packet);

// Rewrites the frame into "fragmentation needed" (RFC 1191) or "packet too big" (RFC 4443 §3.2) to
// the packet's source: packets of up to `mtu` bytes fit.
void answer_too_big(const Tables& tables, Frame& frame, Packet& packet, std::uint32_t mtu);

}  // namespace vipfwd::packet
