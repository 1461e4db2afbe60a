// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/match.h"

namespace vipfwd::packet {
namespace {

bool refuses(const abi::VipEntry& vip) {
    return (vip.flags & abi::kVipRefuses) != 0;
}

bool is_local(const abi::VipEntry& vip) {
    return (vip.flags & abi::kVipIsLocal) != 0;
}

// A faulty packet has no port to look up: it is judged by whether its destination is a VIP at all.
void judge_fault(const Tables& tables, Packet& packet) {
    if (tables.index.find_vip(tables.generation, packet.destination) == kNone)
        packet.action = Action::kToKernel;
    else
        packet.action = Action::kDrop;
}

void match_resolution(const Tables& tables, const Ownership& ownership, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip == kNone)
        packet.action = Action::kToKernel;
    else if (ownership.owns(tables.generation.vips[vip]))
        packet.action = Action::kAnswer;
    else if (is_local(tables.generation.vips[vip]))
        packet.drop(DropReason::kVipNotOwned);  // a dead control may have left it to the kernel
    else
        packet.action = Action::kToKernel;
}

void match_echo(const Tables& tables, const Ownership& ownership, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip == kNone)
        packet.action = Action::kToKernel;
    else if (!ownership.owns(tables.generation.vips[vip]))
        packet.drop(DropReason::kVipNotOwned);
    else if (refuses(tables.generation.vips[vip]))
        packet.drop(DropReason::kVipNotAccepted);
    else
        packet.action = Action::kAnswer;
}

void match_nothing(const Tables& tables, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip != kNone && refuses(tables.generation.vips[vip]))
        packet.drop(DropReason::kVipNotAccepted);
    else
        packet.action = Action::kToKernel;
}

// It may be about a flow of the machine itself.
void match_foreign_error(const Tables& tables, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip == kNone || is_local(tables.generation.vips[vip]))
        packet.action = Action::kToKernel;
    else
        packet.drop(DropReason::kIcmpInner);
}

void match_service(const Tables& tables, Packet& packet) {
    packet.service = tables.index.find_service(tables.generation.header.key, tables.services.data(),
                                               packet.destination, packet.protocol,
                                               packet.destination_port.host());
    if (packet.service != kNone)
        return;
    if (packet.kind == Kind::kIcmpError)
        match_foreign_error(tables, packet);
    else
        match_nothing(tables, packet);
}

// Few services have most of the packets.
bool is_to_same(const Packet& a, const Packet& b) {
    return a.destination_port == b.destination_port && a.protocol == b.protocol &&
           a.destination == b.destination;
}

void match_one(const Tables& tables, const Ownership& ownership, Packet& packet) {
    if (packet.has_fault)
        return judge_fault(tables, packet);
    switch (packet.kind) {
        case Kind::kFlow:
        case Kind::kFirstFragment:
        case Kind::kLaterFragment:
        case Kind::kIcmpError:
            return match_service(tables, packet);
        case Kind::kArpRequest:
        case Kind::kNeighborSolicitation:
            return match_resolution(tables, ownership, packet);
        case Kind::kEchoRequest:
            return match_echo(tables, ownership, packet);
        case Kind::kNoPorts:
            return match_nothing(tables, packet);
        case Kind::kOther:
            packet.action = Action::kToKernel;
    }
}

}  // namespace

void match(const Tables& tables, const Ownership& ownership, std::span<Packet> packets) {
    static constexpr Packet kNobody{};  // no flow is to the same as it
    const Packet* before = &kNobody;    // the last of a service, as a flow
    for (Packet& packet : packets) {
        const bool is_flow =
            packet.kind == Kind::kFlow && packet.action == Action::kUndecided && !packet.has_fault;
        if (!is_flow) {
            if (packet.undecided())
                match_one(tables, ownership, packet);
        } else if (is_to_same(packet, *before)) {
            packet.service = before->service;
        } else {
            match_service(tables, packet);
            if (packet.service != kNone)
                before = &packet;
        }
    }
}

}  // namespace vipfwd::packet
