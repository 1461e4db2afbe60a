// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/match.h"

namespace vipfwd::packet {
namespace {

// A faulty packet has no port to look up: it is judged by whether its destination is a VIP at all.
void judge_fault(const Tables& tables, Packet& packet) {
    if (tables.index.find_vip(tables.generation, packet.destination) == kNone)
        packet.action = Action::kToKernel;
    else
        packet.action = Action::kDrop;
}

void match_arp(const Tables& tables, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    const bool ours = vip != kNone && tables.generation.vips[vip].owned != 0;
    packet.action = ours ? Action::kAnswer : Action::kToKernel;
}

void match_service(const Tables& tables, Packet& packet) {
    packet.service = tables.index.find_service(tables.generation, packet.destination,
                                               packet.protocol, packet.destination_port.host());
    if (packet.service == kNone)
        packet.action = Action::kToKernel;
}

}  // namespace

void match(const Tables& tables, std::span<Packet> packets) {
    for (Packet& packet : packets) {
        if (!packet.undecided())
            continue;
        if (packet.kind == Kind::kArpRequest)
            match_arp(tables, packet);
        else if (packet.has_fault)
            judge_fault(tables, packet);
        else
            match_service(tables, packet);
    }
}

}  // namespace vipfwd::packet
