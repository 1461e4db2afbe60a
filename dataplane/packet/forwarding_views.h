// SPDX-License-Identifier: Apache-2.0
// Ports, services and backends as the packet path sees them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dataplane/abi/address.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

// A port as the packet path sees it.
struct alignas(64) PortView {
    MacAddress mac;
    std::uint16_t vlan = 0;           // 802.1Q tag of all frames; 0: none
    std::uint32_t mtu = 0;            // bytes of IP packet
    IpAddress source_v4;              // of tunnels over IPv4; none: cannot tunnel
    IpAddress source_v6;              // of tunnels over IPv6; none: cannot tunnel
    std::uint8_t source_v4_bits = 0;  // that many low bits come from the flow's hash
    std::uint8_t source_v6_bits = 0;
    std::uint16_t outer_vlan = 0;  // 802.1ad tag around that of `vlan`; 0: none

    friend bool operator==(const PortView&, const PortView&) = default;

    // As one word: the MAC address in its low 48 bits, as on the wire, and `vlan` above it.
    std::uint64_t mac_and_vlan() const {
        std::uint64_t word;
        std::memcpy(&word, this, sizeof word);
        return word;
    }

    // In front of IP, and ARP.
    std::uint32_t link_bytes() const {
        return 14 + (vlan != 0 ? 4u : 0u) + (outer_vlan != 0 ? 4u : 0u);
    }
};

static_assert(offsetof(PortView, mac) == 0 && offsetof(PortView, vlan) == 6);

// Protocol and destination port, the latter as on the wire: what tells apart services of one VIP.
constexpr std::uint32_t make_target(std::uint8_t protocol, Be16 port) {
    return port.raw | std::uint32_t{protocol} << 16;
}

// The only target of a service; of one on several ports, what no packet has.
inline constexpr std::uint32_t kManyTargets = 0xffffffff;
constexpr std::uint32_t target_of(const abi::ServiceEntry& service) {
    return service.port_first == service.port_last
               ? make_target(service.protocol, Be16::from_host(service.port_first))
               : kManyTargets;
}

// A service and its pool as the packet path sees them: one cache line.
struct alignas(64) ServiceView {
    IpAddress vip;
    std::uint16_t port_first = 0;  // host order
    std::uint16_t port_last = 0;   // inclusive
    std::uint8_t protocol = 0;
    abi::Forward forward = abi::Forward::kIpip;
    abi::Affinity affinity = abi::Affinity::kNone;
    bool ring_only = false;                  // no flow is remembered
    std::array<std::uint8_t, 2> overhead{};  // of its tunnels over IPv6, over IPv4
    std::uint32_t salt = 0;                  // the pool's, as all that follows up to ring_store
    std::uint32_t backend_base = 0;
    std::uint32_t backend_count = 0;
    std::uint32_t ring_slots = 0;
    std::uint32_t ring_store = 0;
    std::uint32_t counter = 0;
    std::uint32_t target = kManyTargets;  // target_of

    // All packets of this address and target are its own.
    bool is_at(const IpAddress& address, std::uint32_t wanted) const {
        return target == wanted && vip == address;
    }

    friend bool operator==(const ServiceView&, const ServiceView&) = default;
};

// A backend as the packet path sees it, with the headers in front of its packets prepared.
struct alignas(64) BackendView {
    // Ethernet and the tunnel's IP header, with nothing that differs from packet to packet: what
    // does is zero. IPv4's checksum field holds the sum of the rest.
    std::array<std::uint8_t, 54> head{};
    // Of its port; 0 where more is to be done than `head` says: no next hop, no source for tunnels
    // or one with bits of the flow, tagged frames.
    std::uint16_t prepared_mtu = 0;
    std::uint32_t counter = 0;
    std::uint8_t port = 0;
    bool is_v4 = false;

    friend bool operator==(const BackendView&, const BackendView&) = default;
};

static_assert(sizeof(ServiceView) == 64 && sizeof(BackendView) == 64);

}  // namespace vipfwd::packet
