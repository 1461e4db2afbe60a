// SPDX-License-Identifier: Apache-2.0
// Ports, services and backends as the packet path reads them: compact, and derived once for each
// generation instead of once for each packet.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dataplane/abi/address.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

struct alignas(64) PortView {
    MacAddress mac;
    std::uint16_t vlan = 0;           // 802.1Q tag of all its frames; 0: none
    std::uint32_t mtu = 0;            // of IP packets, in bytes
    IpAddress source_v4;              // of tunnels over IPv4; none: no such tunnels
    IpAddress source_v6;              // of tunnels over IPv6; none: no such tunnels
    std::uint8_t source_v4_bits = 0;  // how many low bits come from the flow's hash
    std::uint8_t source_v6_bits = 0;
    std::uint16_t outer_vlan = 0;  // 802.1ad tag outside the tag of `vlan`; 0: none

    friend bool operator==(const PortView&, const PortView&) = default;

    // The first 8 bytes as one word: the MAC address as on the wire in the low 48 bits, `vlan`
    // above.
    std::uint64_t mac_and_vlan() const {
        std::uint64_t word;
        std::memcpy(&word, this, sizeof word);
        return word;
    }

    // Bytes of the Ethernet header and the tags.
    std::uint32_t link_bytes() const {
        return 14 + (vlan != 0 ? 4u : 0u) + (outer_vlan != 0 ? 4u : 0u);
    }
};

static_assert(offsetof(PortView, mac) == 0 && offsetof(PortView, vlan) == 6);

// Protocol and destination port (as on the wire) in one word. It identifies a service of a VIP.
constexpr std::uint32_t make_target(std::uint8_t protocol, Be16 port) {
    return port.raw | std::uint32_t{protocol} << 16;
}

// The target of a service on one port.
inline constexpr std::uint32_t kManyTargets = 0xffffffff;  // port-range service; matches no packet
constexpr std::uint32_t target_of(const abi::ServiceEntry& service) {
    return service.port_first == service.port_last
               ? make_target(service.protocol, Be16::from_host(service.port_first))
               : kManyTargets;
}

// A service and what the packet path needs of its pool: one cache line.
struct alignas(64) ServiceView {
    IpAddress vip;
    std::uint16_t port_first = 0;  // host order
    std::uint16_t port_last = 0;   // inclusive
    std::uint8_t protocol = 0;
    abi::Forward forward = abi::Forward::kIpip;
    abi::Affinity affinity = abi::Affinity::kNone;
    bool ring_only = false;                  // its flows are not pinned
    std::array<std::uint8_t, 2> overhead{};  // bytes, of tunnels over IPv6 and over IPv4
    std::uint32_t tag_base = 0;              // flow_tag_base()
    std::uint32_t backend_base = 0;          // this and all up to ring_start are the pool's
    std::uint32_t backend_count = 0;
    std::uint32_t ring_slots = 0;  // 0: no ring
    std::uint32_t ring_start = 0;  // its first slot, as an index into Tables::rings
    std::uint32_t counter = 0;
    std::uint32_t target = kManyTargets;  // target_of

    // True for a service on one port that has this address and target.
    bool matches(const IpAddress& address, std::uint32_t wanted) const {
        return target == wanted && vip == address;
    }

    friend bool operator==(const ServiceView&, const ServiceView&) = default;
};

// A backend, with the outer headers of its packets prepared.
struct alignas(64) BackendView {
    // The Ethernet header and the outer IP header. Fields that differ from packet to packet are
    // zero. The IPv4 checksum field has the sum of all other fields, not inverted.
    std::array<std::uint8_t, 54> head{};
    // The MTU of its port, or 0 if `head` is not sufficient: no next hop, no source address for
    // tunnels, a source address with bits of the flow's hash, or tagged frames.
    std::uint16_t prepared_mtu = 0;
    std::uint32_t counter = 0;
    std::uint8_t port = 0;
    bool is_v4 = false;

    friend bool operator==(const BackendView&, const BackendView&) = default;
};

static_assert(sizeof(ServiceView) == 64 && sizeof(BackendView) == 64);

}  // namespace vipfwd::packet
