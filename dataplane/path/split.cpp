// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/split.h"

#include <cstddef>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/headers.h"
#include "dataplane/packet/rewrite.h"

namespace vipfwd::path {
namespace {

using packet::Action;
using packet::EthernetHeader;
using packet::Frame;
using packet::Ipv4Header;
using packet::kFragmentUnit;
using packet::kSmallestIpv4Mtu;
using packet::Packet;

std::uint32_t header_bytes(const Ipv4Header& ip) {
    return (ip.version_ihl & 0xf) * 4u;
}

// Writes the headers that rewrite() expects: Ethernet, without the tags that the packet had, and
// the IPv4 checksum. Returns the IPv4 header.
Ipv4Header complete_headers(Frame& fragment, EthernetHeader ethernet) {
    ethernet.type = Be16::from_host(packet::kEtherTypeIpv4);
    std::uint8_t* head = fragment.mutable_bytes();
    packet::store(head, ethernet);
    const auto ip = packet::load<Ipv4Header>(fragment.bytes(), sizeof ethernet);
    const Be16 checksum =
        internet_checksum(fragment.bytes().subspan(sizeof ethernet, header_bytes(ip)));
    packet::store(head + sizeof ethernet + offsetof(Ipv4Header, checksum), checksum);
    return ip;
}

}  // namespace

std::uint32_t count_fragments(const Frame& frame, const Packet& packet, std::uint32_t mtu) {
    const std::uint32_t header =
        header_bytes(packet::load<Ipv4Header>(frame.bytes(), packet.l3_offset));
    if (mtu < kSmallestIpv4Mtu || packet.ip_length <= header)
        return 0;
    const std::uint32_t payload = (mtu - header) / kFragmentUnit * kFragmentUnit;
    const std::uint32_t count = (packet.ip_length - header + payload - 1) / payload;
    return count <= kMostFragments ? count : 0;
}

void Splitter::split(const WorkerContext& context, packet::WorkerState& state, const Frame& frame,
                     Packet& packet, rte_mbuf*& buffer) {
    const std::uint32_t mtu = packet::inner_mtu(context.tables, packet);
    if (count_fragments(frame, packet, mtu) == 0)
        return packet.drop(abi::DropReason::kTooBig);
    count_ = wire_.fragment(buffer, {packet.l3_offset, packet.ip_length, mtu}, buffers_);
    if (count_ == 0)
        return packet.drop(abi::DropReason::kNoBuffer);
    prepare_fragments(frame, packet);
    wire_.free(std::span(&buffer, 1));
    buffer = nullptr;
    packet::rewrite(context.tables, state, context.now, std::span(frames_).first(count_),
                    std::span(packets_).first(count_));
    send_fragments(context, packet);
}

void Splitter::prepare_fragments(const Frame& frame, const Packet& packet) {
    const auto ethernet = packet::load<EthernetHeader>(frame.bytes(), 0);
    for (std::uint32_t i = 0; i < count_; ++i) {
        frames_[i] = wire_.frame(buffers_[i], frame.port());
        const Ipv4Header ip = complete_headers(frames_[i], ethernet);
        Packet& fragment = packets_[i] = packet;
        fragment.action = Action::kUndecided;
        fragment.kind = i == 0 ? packet::Kind::kFirstFragment : packet::Kind::kLaterFragment;
        fragment.l3_offset = sizeof ethernet;
        fragment.l4_offset = static_cast<std::uint16_t>(sizeof ethernet + header_bytes(ip));
        fragment.ip_length = ip.total_length.host();
    }
}

// Sends all fragments, or none if it is known in advance that one of them cannot leave: the backend
// cannot use an incomplete packet.
void Splitter::send_fragments(const WorkerContext& context, Packet& packet) {
    const std::span all = std::span(buffers_).first(count_);
    if (!commit_to_mbufs(context, packet))
        return wire_.free(all);
    const std::uint32_t port = context.tables.generation.backends[packet.backend].port;
    const std::uint32_t sent = transmitter_.offer(port, all);
    std::uint64_t bytes = 0;
    for (const Frame& frame : std::span(frames_).first(sent))
        bytes += frame.length();
    abi::WorkerCounters& counters = *context.counters.worker;
    counters.transmitted_packets.add(sent);
    counters.transmitted_bytes.add(bytes);
    if (sent == count_) {
        counters.split_frames.add(count_ - 1);
        return;
    }
    counters.split_frames.add(sent);
    packet.drop(transmitter_.refusal(port));
    wire_.free(all.subspan(sent));
}

// False if a fragment cannot leave: the packet is then dropped for the same reason.
bool Splitter::commit_to_mbufs(const WorkerContext& context, Packet& packet) {
    const std::uint32_t port = context.tables.generation.backends[packet.backend].port;
    for (std::uint32_t i = 0; i < count_; ++i) {
        if (packets_[i].action != Action::kForward) {
            packet.drop(packets_[i].action == Action::kDrop ? packets_[i].reason
                                                            : abi::DropReason::kTooBig);
            return false;
        }
        const bool is_chain = wire_.commit_to_mbufs({&buffers_[i], 1}, {&frames_[i], 1}) != 0;
        if (is_chain && !transmitter_.takes_chains(port)) {
            packet.drop(abi::DropReason::kTooBig);
            return false;
        }
    }
    return true;
}

}  // namespace vipfwd::path
