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

// Where the search for the packet's service begins. Leaves the packet what track goes on with.
std::uint32_t bucket_of(const abi::FlowHash& hash, Packet& packet) {
    packet.hash = hash.destination_part(packet.destination);
    return ServiceIndex::service_bucket(packet.hash, packet.target());
}

void match_service(const Tables& tables, std::uint32_t bucket, Packet& packet) {
    packet.service = tables.index.find_service(bucket, tables.services.data(), packet.destination,
                                               packet.target());
    if (packet.service != kNone)
        return;
    if (packet.kind == Kind::kIcmpError)
        match_foreign_error(tables, packet);
    else
        match_nothing(tables, packet);
}

void match_one(const Tables& tables, const abi::FlowHash& hash, const Ownership& ownership,
               Packet& packet) {
    if (packet.has_fault)
        return judge_fault(tables, packet);
    switch (packet.kind) {
        case Kind::kFlow:
        case Kind::kFirstFragment:
        case Kind::kLaterFragment:
        case Kind::kIcmpError:
            return match_service(tables, bucket_of(hash, packet), packet);
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

// Few services have most of the packets.
bool are_flows_to_one(std::span<const Packet> packets) {
    const Packet& first = packets.front();
    return std::all_of(packets.begin(), packets.end(), [&](const Packet& packet) {
        return packet.is_flow() && packet.target() == first.target() &&
               packet.destination == first.destination;
    });
}

// With many services, they and their index are far away in memory: all are under way before the
// first one is used.
void match_various(const Tables& tables, const abi::FlowHash& hash, const Ownership& ownership,
                   std::span<Packet> packets) {
    for (Packet& packet : packets) {
        if (!packet.is_flow())
            continue;
        packet.service = tables.index.guess(bucket_of(hash, packet));
        __builtin_prefetch(&tables.services[packet.service]);
    }
    for (Packet& packet : packets) {
        if (!packet.is_flow()) {
            if (packet.undecided())
                match_one(tables, hash, ownership, packet);
        } else if (!tables.services[packet.service].is_at(packet.destination, packet.target())) {
            match_service(tables, bucket_of(hash, packet), packet);
        }
    }
}

void match_to_one(const Tables& tables, const abi::FlowHash& hash, const Ownership& ownership,
                  std::span<Packet> packets) {
    Packet& first = packets.front();
    match_service(tables, bucket_of(hash, first), first);
    const auto others = packets.subspan(1);
    if (first.service == kNone)
        return match_various(tables, hash, ownership, others);
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
        match_to_one(tables, hash, ownership, packets);
    else
        match_various(tables, hash, ownership, packets);
}

}  // namespace vipfwd::packet
