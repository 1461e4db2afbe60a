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

// An ICMPv6 message of neighbor discovery: 4 bytes, then an address (RFC 4861 §4).
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
        {"RedirectsUdpToAVip", to(kVip), STEER_IPV4},
        {"RedirectsTcpToAVip", to(kVip, 6), STEER_IPV4},
        {"RedirectsIcmpToAVip", to(kVip, 1), STEER_IPV4},
        {"RedirectsAnyProtocolToAVip", to(kVip, 132), STEER_IPV4},
        {"RedirectsAFragmentToAVip", to(kVip, 17, 185), STEER_IPV4},
        {"RedirectsAMalformedHeaderToBeCounted", foreign_version, STEER_IPV4},
        {"RedirectsAnArpRequestForAVip", arp({}), STEER_ARP},
        {"RedirectsAnArpReplyToAVip", arp({.operation = kReply}), STEER_ARP},
        {"RedirectsAnAnnouncementOfAVip", arp({.sender = kVip}), STEER_ARP},
        {"PassesIpv4ToAnotherAddress", to(kOther), std::nullopt},
        {"PassesIpv4FromAVip",
         [] {
             Ipv4 header;
             header.source = kVip;
             header.destination = kOther;
             return ethernet(kIpv4, ipv4(header, udp()));
         }(),
         std::nullopt},
        {"PassesArpForAnotherAddress", arp({.target = kOther}), std::nullopt},
        {.sentence = "PassesAndNotesAnArpRequestOfAVipForAnotherAddress",
         .in = arp({.sender = kVip, .target = kOther}),
         .sender_of = kVip},
        {.sentence = "PassesAndNotesAnArpReplyOfAVipToAnotherAddress",
         .in = arp({.operation = kReply, .sender = kVip, .target = kOther}),
         .sender_of = kVip},
        {"PassesAnotherArpOperationOfAVip", arp({.operation = 8, .sender = kVip, .target = kOther}),
         std::nullopt},
        {"PassesArpOfAnotherHardware", arp({.hardware_type = 6}), std::nullopt},
        {"PassesArpOfAnotherProtocol", arp({.protocol_type = kIpv6}), std::nullopt},
        {"PassesArpOfLongHardwareAddresses", arp({.hardware_bytes = 8}), std::nullopt},
        {"PassesArpOfLongProtocolAddresses", arp({.protocol_bytes = 16}), std::nullopt},
        {"PassesAnUnknownEthertype", ethernet(0x88cc, ipv4({}, udp())), std::nullopt},
        {"PassesABareEthernetHeader", ethernet(kIpv4, {}), std::nullopt},
    };
}

std::vector<SteerCase> ipv6_cases() {
    Bytes foreign_version = to6(kVip6);
    foreign_version[14] = 0x55;
    constexpr std::string_view kMappedVip = "::ffff:10.0.0.100";
    const Ipv6 multicast{.destination = kSolicitedNode, .hop_limit = 255};
    const Ipv6 to_all{.destination = kAllNodes, .hop_limit = 255};
    return {
        {"RedirectsUdpToAnIpv6Vip", to6(kVip6), STEER_IPV6},
        {"RedirectsTcpToAnIpv6Vip", to6(kVip6, 6), STEER_IPV6},
        {"RedirectsAnEchoToAnIpv6Vip", icmp6({}, Bytes{128, 0} + be16(0) + Bytes(20, 0)),
         STEER_IPV6},
        {"RedirectsAFragmentToAnIpv6Vip", to6(kVip6, 44), STEER_IPV6},
        {"RedirectsExtensionHeadersToAnIpv6Vip", to6(kVip6, 0), STEER_IPV6},
        {"RedirectsAMalformedIpv6HeaderToBeCounted", foreign_version, STEER_IPV6},
        {"RedirectsAnAdvertisementToAnIpv6Vip", icmp6({}, discovery(kNeighborAdvertisement)),
         STEER_IPV6},
        {"RedirectsATruncatedSolicitationToAnIpv6Vip",
         icmp6({}, Bytes{kNeighborSolicitation, 0, 0, 0}), STEER_IPV6},
        {"RedirectsAMulticastSolicitationOfAVip",
         solicit({.destination = kSolicitedNode, .hop_limit = 255}), STEER_NEIGHBOR},
        {"RedirectsAUnicastSolicitationOfAVip", solicit({.hop_limit = 255}), STEER_NEIGHBOR},
        {"RedirectsASolicitationSentToAnotherAddress",
         solicit({.destination = kOther6, .hop_limit = 255}), STEER_NEIGHBOR},
        {"RedirectsASolicitationWithAnOption",
         icmp6(multicast, discovery(kNeighborSolicitation) + Bytes{1, 1, 2, 0, 0, 0, 0, 1}),
         STEER_NEIGHBOR},
        {"RedirectsADuplicateAddressDetectionOfAVip",
         solicit({.source = "::", .destination = kSolicitedNode, .hop_limit = 255}),
         STEER_NEIGHBOR},
        {"RedirectsAForwardedSolicitationToBeCounted",
         solicit({.destination = kSolicitedNode, .hop_limit = 254}), STEER_NEIGHBOR},
        {"PassesIpv6ToAnotherAddress", to6(kOther6), std::nullopt},
        {"PassesIpv6FromAVip",
         ethernet(kIpv6, ipv6({.source = kVip6, .destination = kOther6}, udp())), std::nullopt},
        {"PassesIpv6ToTheMappedAddressOfAnIpv4Vip",
         ethernet(kIpv6, ipv6({.destination = kMappedVip}, udp())), std::nullopt},
        {"PassesASolicitationToAMappedAddress",
         solicit({.destination = kMappedVip, .hop_limit = 255}), std::nullopt},
        {"PassesASolicitationOfTheMappedAddressOfAnIpv4Vip", solicit(multicast, kMappedVip),
         std::nullopt},
        {"PassesASolicitationOfAnotherAddress", solicit(multicast, kOther6), std::nullopt},
        {"PassesASolicitationOfAnotherAddressSentToAVip", solicit({.hop_limit = 255}, kOther6),
         std::nullopt},
        {"PassesASolicitationBehindAnExtensionHeader",
         ethernet(kIpv6,
                  ipv6({.destination = kSolicitedNode, .next_header = 0},
                       Bytes{kIcmpv6, 0, 1, 4, 0, 0, 0, 0} + discovery(kNeighborSolicitation))),
         std::nullopt},
        {.sentence = "PassesAndNotesAnAdvertisementOfAVipToAll",
         .in = icmp6(to_all, discovery(kNeighborAdvertisement)),
         .sender_of = kVip6},
        {"PassesAnAdvertisementOfAnotherAddressToAll",
         icmp6(to_all, discovery(kNeighborAdvertisement, kOther6)), std::nullopt},
        {"PassesAForwardedAdvertisementOfAVip",
         icmp6({.destination = kAllNodes, .hop_limit = 254}, discovery(kNeighborAdvertisement)),
         std::nullopt},
        {.sentence = "PassesAndNotesASolicitationFromAVip",
         .in = solicit({.source = kVip6, .destination = kSolicitedNode, .hop_limit = 255}, kOther6),
         .sender_of = kVip6},
        {"PassesAnAdvertisementOfTheMappedAddressOfAnIpv4Vip",
         icmp6(to_all, discovery(kNeighborAdvertisement, kMappedVip)), std::nullopt},
        {"PassesARouterAdvertisement", icmp6(to_all, discovery(kRouterAdvertisement)),
         std::nullopt},
        {"PassesARouterSolicitation", icmp6(to_all, discovery(kRouterSolicitation)), std::nullopt},
        {"PassesAMulticastListenerReport", icmp6(to_all, discovery(kMldv2Report)), std::nullopt},
        {"PassesLinkLocalIpv6", to6("fe80::100"), std::nullopt},
        {"PassesIpv4InAnIpv6Frame", ethernet(kIpv6, ipv4({}, udp() + Bytes(20, 0))), std::nullopt},
    };
}

Bytes in_two(unsigned outer_ethertype, unsigned outer, unsigned control, unsigned inner = kQ) {
    return ethernet(outer_ethertype, tagged(outer, inner, tagged(control, kIpv4, ipv4({}, udp()))));
}

constexpr std::uint8_t kTcpProtocol = 6;
constexpr std::uint8_t kUdpProtocol = 17;

// The ports of TCP are at the same offsets.
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
        {"PassesTcpToALocalPort", local(kTcpProtocol, 9000), STEER_LOCAL},
        {"PassesUdpToALocalPort", local(kUdpProtocol, 9000), STEER_LOCAL},
        {"PassesTcpToTheUdpServicesPort", local(kTcpProtocol, 53), STEER_LOCAL},
        {"PassesUdpToTheTcpServicesPort", local(kUdpProtocol, 80), STEER_LOCAL},
        {"PassesThePortBelowARange", local(kTcpProtocol, 7999), STEER_LOCAL},
        {"PassesThePortAboveARange", local(kTcpProtocol, 8100), STEER_LOCAL},
        {"PassesALocalPortBehindOptions", local(kTcpProtocol, 9000, with_options), STEER_LOCAL},
        {"PassesTheReplyToTheKernelsArpRequest", arp({.operation = kReply, .target = kLocalVip}),
         STEER_LOCAL},
        {.sentence = "PassesAndNotesAnAnnouncementOfALocalVip",
         .in = arp({.operation = kReply, .sender = kLocalVip, .target = kLocalVip}),
         .counted = STEER_LOCAL,
         .sender_of = kLocalVip},
        {.sentence = "PassesAndNotesAnAdvertisementOfALocalVipToIt",
         .in = icmp6(to_vip, discovery(kNeighborAdvertisement, kLocalVip6)),
         .counted = STEER_LOCAL,
         .sender_of = kLocalVip6},
        {"PassesIpv6TcpToALocalPort", local6(kTcpProtocol, 9000), STEER_LOCAL},
        {"PassesIpv6UdpToALocalPort", local6(kUdpProtocol, 80), STEER_LOCAL},
        {"PassesTheAdvertisementForTheKernelsSolicitation",
         icmp6(to_vip, discovery(kNeighborAdvertisement, kOther6)), STEER_LOCAL},
        {"RedirectsTcpToAServiceOfALocalVip", local(kTcpProtocol, 80), STEER_IPV4},
        {"RedirectsUdpToAServiceOfALocalVip", local(kUdpProtocol, 53), STEER_IPV4},
        {"RedirectsTheFirstPortOfARange", local(kTcpProtocol, 8000), STEER_IPV4},
        {"RedirectsTheLastPortOfARange", local(kTcpProtocol, 8099), STEER_IPV4},
        {"RedirectsAServiceBehindOptions", local(kTcpProtocol, 80, with_options), STEER_IPV4},
        {"RedirectsIpv6ToAServiceOfALocalVip", local6(kTcpProtocol, 8050), STEER_IPV6},
        {"RedirectsAFirstFragmentToALocalPort", local(kUdpProtocol, 9000, {.fragment = 0x2000}),
         STEER_IPV4},
        {"RedirectsALaterFragmentToALocalVip", local(kUdpProtocol, 9000, {.fragment = 185}),
         STEER_IPV4},
        {"RedirectsIcmpToALocalVip", local(1, 9000), STEER_IPV4},
        {"RedirectsAnotherProtocolToALocalVip", local(132, 9000), STEER_IPV4},
        {"RedirectsAShortIpv4HeaderToALocalVip", short_header, STEER_IPV4},
        {"RedirectsAnIpv6FragmentToALocalVip", local6(44, 9000), STEER_IPV6},
        {"RedirectsAnEchoToALocalIpv6Vip", icmp6(to_vip, Bytes{128, 0} + be16(0) + Bytes(20, 0)),
         STEER_IPV6},
        {"RedirectsAnArpRequestForALocalVip", arp({.target = kLocalVip}), STEER_ARP},
        {"RedirectsASolicitationOfALocalVip", solicit(to_vip, kLocalVip6), STEER_NEIGHBOR},
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
