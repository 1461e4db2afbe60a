// SPDX-License-Identifier: Apache-2.0
// Announcements, which tell the neighbors of a port unasked at which MAC address a VIP is:
// gratuitous ARP and unsolicited neighbor advertisements.
#pragma once

#include <cstdint>

#include "dataplane/packet/forwarding_tables.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

// A neighbor advertisement, from its IPv6 header on.
struct Advertisement {
    Ipv6Header ip;
    NeighborMessage message;
    NeighborLinkOption link;
};

static_assert(sizeof(Advertisement) == 72);

inline constexpr IpAddress kAllNodes{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
inline constexpr MacAddress kAllNodesMac{{0x33, 0x33, 0, 0, 0, 1}};

// The neighbor advertisement that `vip` is at `mac` (RFC 4861 §4.4), with its checksum. `flags` is
// kNeighborRouter, kNeighborSolicited and kNeighborOverride.
Advertisement make_advertisement(const IpAddress& vip, const MacAddress& mac,
                                 const IpAddress& destination, std::uint32_t flags);

inline constexpr std::uint32_t kAnnouncementBytes = 14 + 2 * 4 + sizeof(Advertisement);

// Writes a frame to all nodes of the port's link: `vip` is at the port's MAC address (RFC 5227 §3,
// RFC 4861 §7.2.6). `frame` has room for kAnnouncementBytes. Returns the length of the frame.
std::uint32_t write_announcement(const PortView& port, const IpAddress& vip, std::uint8_t* frame);

}  // namespace vipfwd::packet
