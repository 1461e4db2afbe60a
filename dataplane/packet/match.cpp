// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/match.h"

#include <array>

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
bool is_to_same(const Packet& a, const Packet& b) {
    return a.target() == b.target() && a.destination == b.destination;
}

// Flows whose service is still to be found, where one service does not have them all.
struct Various {
    std::array<Packet*, kBurstSize> packets;
    std::uint32_t count = 0;
};

// With many services, they and their index are far away in memory: all are under way before the
// first one is used. Apart from match, so that that is short.
[[gnu::noinline]] void match_various(const Tables& tables, const abi::FlowHash& hash,
                                     const Various& various) {
    std::array<std::uint32_t, kBurstSize> guesses;
    for (std::uint32_t i = 0; i < various.count; ++i) {
        guesses[i] = tables.index.guess(bucket_of(hash, *various.packets[i]));
        if (guesses[i] != kNone)
            __builtin_prefetch(&tables.services[guesses[i]]);
    }
    for (std::uint32_t i = 0; i < various.count; ++i) {
        Packet& packet = *various.packets[i];
        if (guesses[i] != kNone &&
            tables.services[guesses[i]].is_at(packet.destination, packet.target()))
            packet.service = guesses[i];
        else
            match_service(tables, bucket_of(hash, packet), packet);
    }
}

}  // namespace

void match(const Tables& tables, const Ownership& ownership, std::span<Packet> packets) {
    static constexpr Packet kNobody{};  // no flow is to the same as it
    const Packet* first = &kNobody;     // of a service, as a flow
    const abi::FlowHash hash(tables.generation.header.key);
    Various various;
    for (Packet& packet : packets) {
        const bool is_flow =
            packet.kind == Kind::kFlow && packet.action == Action::kUndecided && !packet.has_fault;
        if (!is_flow) {
            if (packet.undecided())
                match_one(tables, hash, ownership, packet);
        } else if (is_to_same(packet, *first)) {
            packet.service = first->service;
            packet.hash = first->hash;
        } else if (first != &kNobody) {
            various.packets[various.count++] = &packet;
        } else {
            match_service(tables, bucket_of(hash, packet), packet);
            if (packet.service != kNone)
                first = &packet;
        }
    }
    if (various.count > 0)
        match_various(tables, hash, various);
}

}  // namespace vipfwd::packet
