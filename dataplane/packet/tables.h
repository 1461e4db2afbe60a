// SPDX-License-Identifier: Apache-2.0
// What a worker forwards by: the dataplane's own checked copy of a generation, and what it derives
// from it. About 4.7 MiB; made by io, immutable while a worker uses it.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/abi/tables.h"
#include "dataplane/packet/service_index.h"

namespace vipfwd::packet {

// A port as the packet path sees it.
struct PortView {
    MacAddress mac;
    std::uint32_t mtu = 0;            // bytes of IP packet
    IpAddress source_v4;              // of tunnels over IPv4; none: cannot tunnel
    IpAddress source_v6;              // of tunnels over IPv6; none: cannot tunnel
    std::uint8_t source_v4_bits = 0;  // that many low bits come from the flow's hash
    std::uint8_t source_v6_bits = 0;
    std::uint16_t vlan = 0;        // 802.1Q tag of all frames; 0: none
    std::uint16_t outer_vlan = 0;  // 802.1ad tag around it; 0: none

    // In front of IP, and ARP.
    std::uint32_t link_bytes() const {
        return 14 + (vlan != 0 ? 4u : 0u) + (outer_vlan != 0 ? 4u : 0u);
    }
};

struct Tables {
    abi::Generation generation;
    ServiceIndex index;
    std::array<PortView, abi::kMaxPorts> ports;
    // The region's rings. Control can write there, so what is read is checked where it is used.
    const abi::RingStore* rings = nullptr;
};

}  // namespace vipfwd::packet
