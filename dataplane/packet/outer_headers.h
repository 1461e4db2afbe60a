// SPDX-License-Identifier: Apache-2.0
// The headers in front of packets that leave by a port: Ethernet with the port's tags, and those
// fields of a tunnel's IP header that are the same for all packets of a backend. Deriving the
// tables (forwarding_tables.cpp), the rewriter and announcements write them.
#pragma once

#include <cstdint>

#include "dataplane/packet/forwarding_views.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

inline constexpr std::uint8_t kOwnTtl = 64;  // TTL or hop limit of packets and tunnels from here

// Writes an Ethernet header from the port's MAC address, with the port's tags. Returns the position
// behind it.
std::uint8_t* write_link(std::uint8_t* head, const MacAddress& destination, const PortView& port,
                         std::uint16_t type);

// Write a tunnel's IP header with zero in all fields that differ from packet to packet. The IPv4
// checksum field gets the sum of all other fields, not inverted: see BackendView::head.
void prepare_outer_ipv4(std::uint8_t* place, Be32 source, Be32 destination);
void prepare_outer_ipv6(std::uint8_t* place, const IpAddress& source, const IpAddress& destination);

}  // namespace vipfwd::packet
