// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/match.h"

#include <algorithm>

#include "dataplane/abi/hash.h"

namespace vipfwd::packet {
namespace {

bool refuses(const abi::VipEntry& vip) {
    return (vip.flags & abi::kVipRefuses) != 0;
}

bool is_local(const abi::VipEntry& vip) {
    return (vip.flags & abi::kVipIsLocal) != 0;
}

// A packet with a fault may have no port to look up. It is dropped if its destination is a VIP.
void match_faulty(const Tables& tables, Packet& packet) {
    if (tables.index.find_vip(tables.generation, packet.destination) == kNone)
        packet.action = Action::kToKernel;
    else
        packet.action = Action::kDrop;
}

void match_address_resolution(const Tables& tables, const Ownership& ownership, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip == kNone)
        packet.action = Action::kToKernel;
    else if (ownership.owns(tables.generation.vips[vip]))
        packet.action = Action::kAnswer;
    else if (is_local(tables.generation.vips[vip]))
        packet.drop(DropReason::kVipNotOwned);  // a dead control may have left the VIP on a kernel
                                                // interface
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

void match_no_service(const Tables& tables, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip != kNone && refuses(tables.generation.vips[vip]))
        packet.drop(DropReason::kVipNotAccepted);
    else
        packet.action = Action::kToKernel;
}

// An ICMP error about no flow of a service: it may be about a connection of this machine.
void match_unrelated_error(const Tables& tables, Packet& packet) {
    const std::uint32_t vip = tables.index.find_vip(tables.generation, packet.destination);
    if (vip == kNone || is_local(tables.generation.vips[vip]))
        packet.action = Action::kToKernel;
    else
        packet.drop(DropReason::kIcmpInner);
}

// The bucket where the search for the packet's service begins. Also sets Packet::hash, for track.
std::uint32_t set_hash(const abi::FlowHash& hash, Packet& packet) {
    packet.hash = hash.destination_part(packet.destination);
    return ServiceIndex::service_bucket(packet.hash, packet.target());
}

void match_service(const Tables& tables, std::uint32_t bucket, Packet& packet) {
    packet.service = tables.index.find_service(bucket, tables.services.data(), packet.destination,
                                               packet.target());
    if (packet.service != kNone)
        return;
    if (packet.kind == Kind::kIcmpError)
        match_unrelated_error(tables, packet);
    else
        match_no_service(tables, packet);
}

// Whether the packet is looked up by match_service(). Nearly every packet is a flow.
bool has_service_to_find(const Packet& packet) {
    return packet.is_flow() || (packet.is_for_service() && !packet.has_fault);
}

// An undecided packet without has_service_to_find().
void match_other(const Tables& tables, const Ownership& ownership, Packet& packet) {
    if (packet.has_fault)
        return match_faulty(tables, packet);
    switch (packet.kind) {
        case Kind::kArpRequest:
        case Kind::kNeighborSolicitation:
            return match_address_resolution(tables, ownership, packet);
        case Kind::kEchoRequest:
            return match_echo(tables, ownership, packet);
        case Kind::kNoPorts:
            return match_no_service(tables, packet);
        case Kind::kOther:
            packet.action = Action::kToKernel;
            return;
        case Kind::kIcmpError:
        case Kind::kLaterFragment:
        case Kind::kFirstFragment:
        case Kind::kFlow:
            return;  // they have a service to find
    }
}

// A common burst: a few services have most of the traffic.
bool are_flows_to_one(std::span<const Packet> packets) {
    const Packet& first = packets.front();
    return std::all_of(packets.begin(), packets.end(), [&](const Packet& packet) {
        return packet.is_flow() && packet.target() == first.target() &&
               packet.destination == first.destination;
    });
}

// Many services do not fit the caches near the core, so the first loop prefetches the service that
// each packet probably is for, and the second loop looks at them.
void match_each(const Tables& tables, const abi::FlowHash& hash, const Ownership& ownership,
                std::span<Packet> packets) {
    for (Packet& packet : packets) {
        if (!has_service_to_find(packet))
            continue;
        packet.service = tables.index.first_candidate(set_hash(hash, packet));
        __builtin_prefetch(&tables.services[packet.service]);
    }
    for (Packet& packet : packets) {
        if (!has_service_to_find(packet)) {
            if (packet.undecided())
                match_other(tables, ownership, packet);
        } else if (!tables.services[packet.service].matches(packet.destination, packet.target())) {
            match_service(tables, set_hash(hash, packet), packet);
        }
    }
}

// Fast path of match_each(): all packets are flows to one destination. Looks it up once.
void match_common(const Tables& tables, const abi::FlowHash& hash, const Ownership& ownership,
                  std::span<Packet> packets) {
    Packet& first = packets.front();
    match_service(tables, set_hash(hash, first), first);
    const auto others = packets.subspan(1);
    if (first.service == kNone)
        return match_each(tables, hash, ownership, others);
    for (Packet& packet : others) {
        packet.service = first.service;
        packet.hash = first.hash;
    }
}

}  // namespace

void match(const Tables& tables, const Ownership& ownership, std::span<Packet> packets) {
    if (packets.empty())
        return;
    const abi::FlowHash hash(tables.generation.header.key);
    if (are_flows_to_one(packets))
        match_common(tables, hash, ownership, packets);
    else
        match_each(tables, hash, ownership, packets);
}

}  // namespace vipfwd::packet
