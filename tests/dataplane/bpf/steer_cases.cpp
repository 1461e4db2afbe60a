// SPDX-License-Identifier: Apache-2.0
#include "tests/dataplane/bpf/steer_cases.h"

#include <cstdint>
#include <string_view>

namespace vipfwd::test {
namespace {

constexpr unsigned kArp = 0x0806;
constexpr unsigned kQ = 0x8100;   // 802.1Q
constexpr unsigned kAd = 0x88a8;  // 802.1ad
constexpr std::string_view kOther = "10.0.0.1";
constexpr std::string_view kOther6 = "fd00::1";
constexpr std::string_view kSolicitedNode = "ff02::1:ff00:100";
constexpr std::string_view kAllNodes = "ff02::1";
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kRouterSolicitation = 133;
constexpr std::uint8_t kRouterAdvertisement = 134;
constexpr std::uint8_t kNeighborSolicitation = 135;
constexpr std::uint8_t kNeighborAdvertisement = 136;
constexpr std::uint8_t kMldv2Report = 143;
constexpr unsigned kRequest = 1;
constexpr unsigned kReply = 2;

struct Arp {
    unsigned operation = kRequest;
    std::string_view sender = "10.0.0.50";
    std::string_view target = kVip;
    unsigned hardware_type = 1;
    unsigned protocol_type = kIpv4;
    std::uint8_t hardware_bytes = 6;
    std::uint8_t protocol_bytes = 4;
};

Bytes arp_packet(const Arp& packet) {
    const Bytes mac(6, 2);
    return be16(packet.hardware_type) + be16(packet.protocol_type) +
           Bytes{packet.hardware_bytes, packet.protocol_bytes} + be16(packet.operation) + mac +
           address_bytes(packet.sender) + mac + address_bytes(packet.target);
}

Bytes arp(const Arp& packet) {
    return ethernet(kArp, arp_packet(packet));
}

Bytes to(std::string_view destination, std::uint8_t protocol = 17, unsigned fragment = 0) {
    Ipv4 header;
    header.destination = destination;
    header.protocol = protocol;
    header.fragment = fragment;
    return ethernet(kIpv4, ipv4(header, udp()));
}

Bytes to6(std::string_view destination, std::uint8_t next_header = 17) {
    return ethernet(kIpv6, ipv6({.destination = destination, .next_header = next_header}, udp()));
}

// ICMPv6 as neighbour discovery has it: 4 bytes, then an address (RFC 4861 §4).
Bytes discovery(std::uint8_t type, std::string_view target = kVip6) {
    return Bytes{type, 0} + be16(0) + Bytes(4, 0) + ipv6_bytes(target);
}

Bytes icmp6(Ipv6 header, const Bytes& message) {
    header.next_header = kIcmpv6;
    return ethernet(kIpv6, ipv6(header, message));
}

Bytes solicit(const Ipv6& header, std::string_view target = kVip6) {
    return icmp6(header, discovery(kNeighborSolicitation, target));
}

std::vector<SteerCase> ipv4_cases() {
    Bytes foreign_version = to(kVip);
    foreign_version[14] = 0x55;
    return {
        {"HandsOverUdpToAVip", to(kVip), STEER_IPV4},
        {"HandsOverTcpToAVip", to(kVip, 6), STEER_IPV4},
        {"HandsOverIcmpToAVip", to(kVip, 1), STEER_IPV4},
        {"HandsOverAnyProtocolToAVip", to(kVip, 132), STEER_IPV4},
        {"HandsOverAFragmentToAVip", to(kVip, 17, 185), STEER_IPV4},
        {"HandsOverAMalformedHeaderToBeCounted", foreign_version, STEER_IPV4},
        {"HandsOverAnArpRequestForAVip", arp({}), STEER_ARP},
        {"HandsOverAnArpReplyToAVip", arp({.operation = kReply}), STEER_ARP},
        {"HandsOverAnAnnouncementOfAVip", arp({.sender = kVip}), STEER_ARP},
        {"LeavesIpv4ToAnotherAddress", to(kOther), std::nullopt},
        {"LeavesIpv4FromAVip",
         [] {
             Ipv4 header;
             header.source = kVip;
             header.destination = kOther;
             return ethernet(kIpv4, ipv4(header, udp()));
         }(),
         std::nullopt},
        {"LeavesArpForAnotherAddress", arp({.target = kOther}), std::nullopt},
        {"LeavesArpOfAVipForAnotherAddress", arp({.sender = kVip, .target = kOther}), std::nullopt},
        {"LeavesArpOfAnotherHardware", arp({.hardware_type = 6}), std::nullopt},
        {"LeavesArpOfAnotherProtocol", arp({.protocol_type = kIpv6}), std::nullopt},
        {"LeavesArpOfLongHardwareAddresses", arp({.hardware_bytes = 8}), std::nullopt},
        {"LeavesArpOfLongProtocolAddresses", arp({.protocol_bytes = 16}), std::nullopt},
        {"LeavesAnUnknownEthertype", ethernet(0x88cc, ipv4({}, udp())), std::nullopt},
        {"LeavesABareEthernetHeader", ethernet(kIpv4, {}), std::nullopt},
    };
}

std::vector<SteerCase> ipv6_cases() {
    Bytes foreign_version = to6(kVip6);
    foreign_version[14] = 0x55;
    constexpr std::string_view kMappedVip = "::ffff:10.0.0.100";
    const Ipv6 multicast{.destination = kSolicitedNode, .hop_limit = 255};
    const Ipv6 to_all{.destination = kAllNodes, .hop_limit = 255};
    return {
        {"HandsOverUdpToAnIpv6Vip", to6(kVip6), STEER_IPV6},
        {"HandsOverTcpToAnIpv6Vip", to6(kVip6, 6), STEER_IPV6},
        {"HandsOverAnEchoToAnIpv6Vip", icmp6({}, Bytes{128, 0} + be16(0) + Bytes(20, 0)),
         STEER_IPV6},
        {"HandsOverAFragmentToAnIpv6Vip", to6(kVip6, 44), STEER_IPV6},
        {"HandsOverExtensionHeadersToAnIpv6Vip", to6(kVip6, 0), STEER_IPV6},
        {"HandsOverAMalformedIpv6HeaderToBeCounted", foreign_version, STEER_IPV6},
        {"HandsOverAnAdvertisementToAnIpv6Vip", icmp6({}, discovery(kNeighborAdvertisement)),
         STEER_IPV6},
        {"HandsOverACutSolicitationToAnIpv6Vip", icmp6({}, Bytes{kNeighborSolicitation, 0, 0, 0}),
         STEER_IPV6},
        {"HandsOverAMulticastSolicitationOfAVip",
         solicit({.destination = kSolicitedNode, .hop_limit = 255}), STEER_NEIGHBOR},
        {"HandsOverAUnicastSolicitationOfAVip", solicit({.hop_limit = 255}), STEER_NEIGHBOR},
        {"HandsOverASolicitationSentToAnotherAddress",
         solicit({.destination = kOther6, .hop_limit = 255}), STEER_NEIGHBOR},
        {"HandsOverASolicitationWithAnOption",
         icmp6(multicast, discovery(kNeighborSolicitation) + Bytes{1, 1, 2, 0, 0, 0, 0, 1}),
         STEER_NEIGHBOR},
        {"HandsOverADuplicateAddressDetectionOfAVip",
         solicit({.source = "::", .destination = kSolicitedNode, .hop_limit = 255}),
         STEER_NEIGHBOR},
        {"HandsOverAForwardedSolicitationToBeCounted",
         solicit({.destination = kSolicitedNode, .hop_limit = 254}), STEER_NEIGHBOR},
        {"LeavesIpv6ToAnotherAddress", to6(kOther6), std::nullopt},
        {"LeavesIpv6FromAVip",
         ethernet(kIpv6, ipv6({.source = kVip6, .destination = kOther6}, udp())), std::nullopt},
        {"LeavesIpv6ToTheMappedAddressOfAnIpv4Vip",
         ethernet(kIpv6, ipv6({.destination = kMappedVip}, udp())), std::nullopt},
        {"LeavesASolicitationToAMappedAddress",
         solicit({.destination = kMappedVip, .hop_limit = 255}), std::nullopt},
        {"LeavesASolicitationOfTheMappedAddressOfAnIpv4Vip", solicit(multicast, kMappedVip),
         std::nullopt},
        {"LeavesASolicitationOfAnotherAddress", solicit(multicast, kOther6), std::nullopt},
        {"LeavesASolicitationOfAnotherAddressSentToAVip", solicit({.hop_limit = 255}, kOther6),
         std::nullopt},
        {"LeavesASolicitationBehindAnExtensionHeader",
         ethernet(kIpv6,
                  ipv6({.destination = kSolicitedNode, .next_header = 0},
                       Bytes{kIcmpv6, 0, 1, 4, 0, 0, 0, 0} + discovery(kNeighborSolicitation))),
         std::nullopt},
        {"LeavesAnAdvertisementOfAVipToAll", icmp6(to_all, discovery(kNeighborAdvertisement)),
         std::nullopt},
        {"LeavesARouterAdvertisement", icmp6(to_all, discovery(kRouterAdvertisement)),
         std::nullopt},
        {"LeavesARouterSolicitation", icmp6(to_all, discovery(kRouterSolicitation)), std::nullopt},
        {"LeavesAMulticastListenerReport", icmp6(to_all, discovery(kMldv2Report)), std::nullopt},
        {"LeavesLinkLocalIpv6", to6("fe80::100"), std::nullopt},
        {"LeavesIpv4InAnIpv6Frame", ethernet(kIpv6, ipv4({}, udp() + Bytes(20, 0))), std::nullopt},
    };
}

Bytes in_two(unsigned outer_ethertype, unsigned outer, unsigned control, unsigned inner = kQ) {
    return ethernet(outer_ethertype, tagged(outer, inner, tagged(control, kIpv4, ipv4({}, udp()))));
}

constexpr std::uint8_t kTcpProtocol = 6;
constexpr std::uint8_t kUdpProtocol = 17;

// TCP's ports are where UDP's are.
Bytes local(std::uint8_t protocol, unsigned port, Ipv4 header = {}) {
    header.destination = kLocalVip;
    header.protocol = protocol;
    return ethernet(kIpv4, ipv4(header, udp({.destination = port}, Bytes(12, 'x'))));
}

Bytes local6(std::uint8_t protocol, unsigned port) {
    return ethernet(kIpv6, ipv6({.destination = kLocalVip6, .next_header = protocol},
                                udp({.destination = port}, Bytes(12, 'x'))));
}

std::vector<SteerCase> local_cases() {
    const Ipv4 with_options{.options = Bytes(8, 1)};
    Bytes short_header = local(kTcpProtocol, 9000);
    short_header[14] = 0x44;
    const Ipv6 to_vip{.destination = kLocalVip6, .hop_limit = 255};
    return {
        {"LeavesTcpToALocalPort", local(kTcpProtocol, 9000), STEER_LOCAL},
        {"LeavesUdpToALocalPort", local(kUdpProtocol, 9000), STEER_LOCAL},
        {"LeavesTcpToTheUdpServicesPort", local(kTcpProtocol, 53), STEER_LOCAL},
        {"LeavesUdpToTheTcpServicesPort", local(kUdpProtocol, 80), STEER_LOCAL},
        {"LeavesThePortBelowARange", local(kTcpProtocol, 7999), STEER_LOCAL},
        {"LeavesThePortAboveARange", local(kTcpProtocol, 8100), STEER_LOCAL},
        {"LeavesALocalPortBehindOptions", local(kTcpProtocol, 9000, with_options), STEER_LOCAL},
        {"LeavesTheReplyToTheKernelsArpRequest", arp({.operation = kReply, .target = kLocalVip}),
         STEER_LOCAL},
        {"LeavesIpv6TcpToALocalPort", local6(kTcpProtocol, 9000), STEER_LOCAL},
        {"LeavesIpv6UdpToALocalPort", local6(kUdpProtocol, 80), STEER_LOCAL},
        {"LeavesTheAdvertisementForTheKernelsSolicitation",
         icmp6(to_vip, discovery(kNeighborAdvertisement, kOther6)), STEER_LOCAL},
        {"HandsOverTcpToAServiceOfALocalVip", local(kTcpProtocol, 80), STEER_IPV4},
        {"HandsOverUdpToAServiceOfALocalVip", local(kUdpProtocol, 53), STEER_IPV4},
        {"HandsOverTheFirstPortOfARange", local(kTcpProtocol, 8000), STEER_IPV4},
        {"HandsOverTheLastPortOfARange", local(kTcpProtocol, 8099), STEER_IPV4},
        {"HandsOverAServiceBehindOptions", local(kTcpProtocol, 80, with_options), STEER_IPV4},
        {"HandsOverIpv6ToAServiceOfALocalVip", local6(kTcpProtocol, 8050), STEER_IPV6},
        {"HandsOverAFirstFragmentToALocalPort", local(kUdpProtocol, 9000, {.fragment = 0x2000}),
         STEER_IPV4},
        {"HandsOverALaterFragmentToALocalVip", local(kUdpProtocol, 9000, {.fragment = 185}),
         STEER_IPV4},
        {"HandsOverIcmpToALocalVip", local(1, 9000), STEER_IPV4},
        {"HandsOverAnotherProtocolToALocalVip", local(132, 9000), STEER_IPV4},
        {"HandsOverAShortIpv4HeaderToALocalVip", short_header, STEER_IPV4},
        {"HandsOverAnIpv6FragmentToALocalVip", local6(44, 9000), STEER_IPV6},
        {"HandsOverAnEchoToALocalIpv6Vip", icmp6(to_vip, Bytes{128, 0} + be16(0) + Bytes(20, 0)),
         STEER_IPV6},
        {"HandsOverAnArpRequestForALocalVip", arp({.target = kLocalVip}), STEER_ARP},
        {"HandsOverASolicitationOfALocalVip", solicit(to_vip, kLocalVip6), STEER_NEIGHBOR},
    };
}

std::vector<SteerCase> vlan_cases() {
    constexpr steer_tags kVlan7{.vlan = 7, .outer_vlan = 0};
    constexpr steer_tags kVlan7In9{.vlan = 7, .outer_vlan = 9};
    const Bytes solicitation_packet = ipv6({.destination = kSolicitedNode, .next_header = kIcmpv6},
                                           discovery(kNeighborSolicitation));
    return {
        {"UntaggedPortHandsOverAPriorityTag", in_vlan(0xe000), STEER_IPV4},
        {"UntaggedPortLeavesAVlan", in_vlan(7), std::nullopt},
        {"UntaggedPortLeavesAVlanInAPriorityTag", in_two(kQ, 0, 7), std::nullopt},
        {"UntaggedPortLeavesTwoPriorityTags", in_two(kQ, 0, 0), std::nullopt},
        {"UntaggedPortLeavesAServiceTag", in_two(kAd, 0, 0), std::nullopt},
        {"TaggedPortHandsOverItsVlan", in_vlan(7), STEER_IPV4, kVlan7},
        {"TaggedPortHandsOverItsVlanWithAPriority", in_vlan(0xf007), STEER_IPV4, kVlan7},
        {"TaggedPortHandsOverArp", ethernet(kQ, tagged(7, kArp, arp_packet({}))), STEER_ARP,
         kVlan7},
        {"TaggedPortHandsOverASolicitation", ethernet(kQ, tagged(7, kIpv6, solicitation_packet)),
         STEER_NEIGHBOR, kVlan7},
        {"TaggedPortLeavesUntaggedFrames", to(kVip), std::nullopt, kVlan7},
        {"TaggedPortLeavesAPriorityTag", in_vlan(0), std::nullopt, kVlan7},
        {"TaggedPortLeavesAnotherVlan", in_vlan(8), std::nullopt, kVlan7},
        {"TaggedPortLeavesItsNumberInAServiceTag", ethernet(kAd, tagged(7, kIpv4, ipv4({}, udp()))),
         std::nullopt, kVlan7},
        {"TaggedPortLeavesATagInItsVlan", in_two(kQ, 7, 7), std::nullopt, kVlan7},
        {"TaggedPortLeavesItsVlanInAnother", in_two(kAd, 9, 7), std::nullopt, kVlan7},
        {"TaggedPortLeavesAnotherAddressInItsVlan",
         ethernet(kQ, tagged(7, kIpv4, ipv4({.destination = kOther}, udp()))), std::nullopt,
         kVlan7},
        {"TwiceTaggedPortHandsOverItsVlans", in_two(kAd, 9, 7), STEER_IPV4, kVlan7In9},
        {"TwiceTaggedPortHandsOverAnOuterTagOfTheOldKind", in_two(kQ, 9, 7), STEER_IPV4, kVlan7In9},
        {"TwiceTaggedPortHandsOverPriorities", in_two(kAd, 0x2009, 0x4007), STEER_IPV4, kVlan7In9},
        {"TwiceTaggedPortLeavesItsInnerVlanAlone", in_vlan(7), std::nullopt, kVlan7In9},
        {"TwiceTaggedPortLeavesItsOuterVlanAlone", in_vlan(9), std::nullopt, kVlan7In9},
        {"TwiceTaggedPortLeavesAnotherInnerVlan", in_two(kAd, 9, 8), std::nullopt, kVlan7In9},
        {"TwiceTaggedPortLeavesAnotherOuterVlan", in_two(kAd, 8, 7), std::nullopt, kVlan7In9},
        {"TwiceTaggedPortLeavesAnInnerServiceTag", in_two(kAd, 9, 7, kAd), std::nullopt, kVlan7In9},
        {"TwiceTaggedPortLeavesAThirdTag",
         ethernet(kAd, tagged(9, kQ, tagged(7, kQ, tagged(7, kIpv4, ipv4({}, udp()))))),
         std::nullopt, kVlan7In9},
        {"TwiceTaggedPortLeavesUntaggedFrames", to(kVip), std::nullopt, kVlan7In9},
    };
}

}  // namespace

Bytes udp_to_vip() {
    return to(kVip);
}

Bytes udp_to_vip6() {
    return to6(kVip6);
}

Bytes arp_request() {
    return arp({});
}

Bytes solicitation() {
    return solicit({.destination = kSolicitedNode, .hop_limit = 255});
}

Bytes in_vlan(unsigned control) {
    return ethernet(kQ, tagged(control, kIpv4, ipv4({}, udp())));
}

Bytes in_vlans(unsigned outer, unsigned inner) {
    return in_two(kAd, outer, inner);
}

Bytes tcp_to(std::string_view vip, unsigned port) {
    return vip == kLocalVip ? local(kTcpProtocol, port) : local6(kTcpProtocol, port);
}

std::vector<Bytes> local_vip_frames_for_the_dataplane() {
    return {local(kTcpProtocol, 80), local6(kUdpProtocol, 53), local(1, 0),
            arp({.target = kLocalVip}),
            solicit({.destination = kLocalVip6, .hop_limit = 255}, kLocalVip6)};
}

std::vector<SteerCase> steer_cases() {
    std::vector<SteerCase> cases = ipv4_cases();
    for (const auto& more : {ipv6_cases(), local_cases(), vlan_cases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

}  // namespace vipfwd::test
