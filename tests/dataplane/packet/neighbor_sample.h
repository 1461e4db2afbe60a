// SPDX-License-Identifier: Apache-2.0
// Neighbor solicitations and advertisements (RFC 4861 §4.3, §4.4).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "dataplane/abi/internet_checksum.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet::sample {

inline std::uint16_t icmpv6_sum(std::span<const std::uint8_t> ip) {
    const auto header = load<Ipv6Header>(ip, 0);
    const auto message = ip.subspan(40);
    return fold_sum(add_to_sum(
        message, ipv6_pseudo_sum(header.source, header.destination,
                                 static_cast<std::uint32_t>(message.size()), kIpProtocolIcmpv6)));
}

inline void seal_icmpv6(Bytes& frame) {
    store(frame.data() + 56, Be16{});
    const auto sum = static_cast<std::uint16_t>(~icmpv6_sum(std::span(frame).subspan(14)));
    store(frame.data() + 56, Be16{sum});
}

// Parameters of a neighbor solicitation.
struct Solicitation {
    std::string source = "fd00::50";
    std::string destination = "ff02::1:ff00:100";
    std::string target = "fd00::100";
    bool has_link_option = true;
    std::uint8_t hop_limit = 255;
    MacAddress destination_mac{{0x33, 0x33, 0xff, 0, 1, 0}};
};

inline Bytes solicitation(const Solicitation& wanted = {}) {
    Spec spec;
    spec.source = wanted.source;
    spec.destination = wanted.destination;
    spec.destination_mac = wanted.destination_mac;
    spec.protocol = kIpProtocolIcmpv6;
    spec.ttl = wanted.hop_limit;
    spec.payload = wanted.has_link_option ? 32 : 24;
    Bytes frame = ipv6(spec);
    store(frame.data() + 54, NeighborMessage{{135, 0, {}, {}}, ip(wanted.target)});
    if (wanted.has_link_option)
        store(frame.data() + 78, NeighborLinkOption{1, 1, kClientMac});
    seal_icmpv6(frame);
    return frame;
}

// Parameters of a neighbor advertisement.
struct Advertised {
    std::string source = "fe80::50";
    std::string destination = "ff02::1";
    std::string target = "fd00::100";
    std::uint8_t hop_limit = 255;
    std::uint8_t code = 0;
    MacAddress destination_mac{{0x33, 0x33, 0, 0, 0, 1}};
    MacAddress link = kClientMac;  // in its option
};

inline Bytes advertisement(const Advertised& wanted = {}) {
    Spec spec;
    spec.source = wanted.source;
    spec.destination = wanted.destination;
    spec.destination_mac = wanted.destination_mac;
    spec.protocol = kIpProtocolIcmpv6;
    spec.ttl = wanted.hop_limit;
    spec.payload = 32;
    Bytes frame = ipv6(spec);
    store(frame.data() + 54,
          NeighborMessage{{136, wanted.code, {}, Be32::from_host(0x20000000)}, ip(wanted.target)});
    store(frame.data() + 78, NeighborLinkOption{kNeighborTargetLink, 1, wanted.link});
    seal_icmpv6(frame);
    return frame;
}

}  // namespace vipfwd::packet::sample
