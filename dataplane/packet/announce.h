// SPDX-License-Identifier: Apache-2.0
// Where a VIP is, told unasked: gratuitous ARP and unsolicited neighbor advertisements.
#pragma once

#include <cstdint>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

// A neighbor advertisement as it stands behind the link header.
struct Advertisement {
    Ipv6Header ip;
    NeighborMessage message;
    NeighborLinkOption link;
};

static_assert(sizeof(Advertisement) == 72);

inline constexpr IpAddress kAllNodes{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
inline constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};

// That `vip` is at `mac` (RFC 4861 §4.4), with its checksum. `flags`: kNeighborRouter and others.
Advertisement advertisement(const IpAddress& vip, const MacAddress& mac,
                            const IpAddress& destination, std::uint32_t flags);

inline constexpr std::uint32_t kAnnouncementBytes = 14 + 2 * 4 + sizeof(Advertisement);

// To everybody on the port's link: `vip` is at the port's MAC address (RFC 5227 §3, RFC 4861
// §7.2.6). Returns the frame's length, kAnnouncementBytes at most.
std::uint32_t write_announcement(const PortView& port, const IpAddress& vip, std::uint8_t* frame);

}  // namespace vipfwd::packet
