// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/announce.h"

#include <algorithm>

#include "dataplane/abi/internet_checksum.h"
#include "dataplane/packet/outer_headers.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kShortestFrame =
    60;  // without the frame check sequence, IEEE 802.3 §4.2.3.3

std::uint8_t* write_arp(std::uint8_t* head, const PortView& port, Be32 vip) {
    std::uint8_t* const place = write_link(head, kBroadcast, port, kEtherTypeArp);
    ArpPacket arp{};
    arp.hardware_type = Be16::from_host(kArpHardwareEthernet);
    arp.protocol_type = Be16::from_host(kEtherTypeIpv4);
    arp.hardware_length = sizeof(MacAddress);
    arp.protocol_length = sizeof(Be32);
    arp.operation = Be16::from_host(kArpOperationRequest);
    arp.sender_mac = port.mac;
    std::memcpy(&arp.sender_ip, &vip, sizeof vip);
    arp.target_ip = arp.sender_ip;
    store(place, arp);
    return place + sizeof arp;
}

}  // namespace

Advertisement make_advertisement(const IpAddress& vip, const MacAddress& mac,
                                 const IpAddress& destination, std::uint32_t flags) {
    Advertisement sent{};
    sent.ip.version_class_label = Be32::from_host(6u << 28);
    sent.ip.payload_length = Be16::from_host(sizeof sent.message + sizeof sent.link);
    sent.ip.next_header = kIpProtocolIcmpv6;
    sent.ip.hop_limit = 255;
    sent.ip.source = vip;
    sent.ip.destination = destination;
    sent.message.icmp.type = kIcmpv6NeighborAdvertisement;
    sent.message.icmp.rest = Be32::from_host(flags);
    sent.message.target = vip;
    sent.link = {kNeighborTargetLink, 1, mac};
    std::uint8_t bytes[sizeof sent];
    store(bytes, sent);
    const auto message = std::span(bytes).subspan(sizeof sent.ip);
    const std::uint64_t sum = ipv6_pseudo_sum(
        vip, destination, static_cast<std::uint32_t>(message.size()), kIpProtocolIcmpv6);
    sent.message.icmp.checksum = {static_cast<std::uint16_t>(~fold_sum(add_to_sum(message, sum)))};
    return sent;
}

std::uint32_t write_announcement(const PortView& port, const IpAddress& vip, std::uint8_t* frame) {
    std::memset(frame, 0, kAnnouncementBytes);
    std::uint8_t* end = nullptr;
    if (vip.is_v4()) {
        end = write_arp(frame, port, vip.v4());
    } else {
        end = write_link(frame, kAllNodesMac, port, kEtherTypeIpv6);
        store(end,
              make_advertisement(vip, port.mac, kAllNodes, kNeighborRouter | kNeighborOverride));
        end += sizeof(Advertisement);
    }
    return std::max(kShortestFrame, static_cast<std::uint32_t>(end - frame));
}

}  // namespace vipfwd::packet
