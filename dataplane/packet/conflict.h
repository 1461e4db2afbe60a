// SPDX-License-Identifier: Apache-2.0
// Notices other hosts that use a VIP which this gateway owns.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/address_conflict.h"
#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {

// What was noticed in one burst. Further conflicts of the burst are not noted.
struct ConflictNotes {
    std::uint32_t count = 0;
    std::array<abi::AddressConflict, 4> all;
};

struct Moment;
struct WorkerState;

// Notes in state.conflicts each frame of a burst whose sender's address is a VIP that this gateway
// has owned for some time, unless the sender is one of the gateway's ports:
//  - ARP requests and replies by their sender address (RFC 5227 §2.4), and broadcast probes, which
//    have none, by their target;
//  - valid neighbor advertisements by their target (RFC 4862 §5.4.4), and neighbor solicitations by
//    their source, or without one (duplicate address detection) by their target.
// Call it after parse and before match, for bursts that are not all common. It decides no packet.
void find_conflicts(const Tables& tables, WorkerState& state, Moment now, const Burst& burst);

}  // namespace vipfwd::packet
