// SPDX-License-Identifier: Apache-2.0
// Short forms for configurations and for messages of the kernel.
#pragma once

#include <linux/if_ether.h>
#include <linux/neighbour.h>

#include <string>
#include <string_view>

#include "control/config/model.h"
#include "control/net/netlink_message.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::net {

inline IpAddress ip(std::string_view text) {
    return *parse_ip(text);
}
inline MacAddress mac(std::string_view text) {
    return *parse_mac(text);
}

inline const IpAddress kBackend = ip("10.0.0.11");
inline const MacAddress kPeerMac = mac("02:00:00:00:00:11");
inline const MacAddress kOtherMac = mac("02:00:00:00:00:22");

// "10.0.0.1/24"
inline config::InterfaceAddress network(std::string_view text) {
    const std::size_t slash = text.find('/');
    return {.address = ip(text.substr(0, slash)),
            .prefix_length =
                static_cast<std::uint32_t>(std::stoul(std::string(text.substr(slash + 1))))};
}

inline config::Port port(std::string name, std::string device,
                         abi::Driver driver = abi::Driver::kAfXdp) {
    config::Port port;
    port.name = std::move(name);
    port.device = std::move(device);
    port.driver = driver;
    return port;
}

inline config::Neighbor neighbor(std::string_view address, std::string_view mac_text,
                                 std::string port = "") {
    config::Neighbor neighbor;
    neighbor.address = ip(address);
    neighbor.mac = mac(mac_text);
    neighbor.port = std::move(port);
    return neighbor;
}

inline void add_backend(config::Config& config, const IpAddress& address) {
    if (config.pools.empty())
        config.pools.emplace_back();
    config::Backend backend;
    backend.address = address;
    config.pools[0].backends.push_back(backend);
}

inline LinkMessage link(int interface, std::string name, std::uint32_t mtu = 1500) {
    return {.interface = interface,
            .removed = false,
            .name = std::move(name),
            .mtu = mtu,
            .up = true,
            .running = true,
            .vlan = {}};
}

inline LinkMessage vlan_link(int interface, std::string name, int parent, std::uint16_t id,
                             std::uint16_t protocol = ETH_P_8021Q) {
    LinkMessage made = link(interface, std::move(name), 1400);
    made.vlan = Vlan{.parent = parent, .id = id, .protocol = protocol};
    return made;
}

inline AddressMessage address(int interface, std::string_view text, bool primary = true) {
    return {.interface = interface, .removed = false, .address = network(text), .primary = primary};
}

inline NeighborMessage neighbor_entry(int interface, std::string_view address,
                                      std::string_view mac_text,
                                      std::uint16_t state = NUD_REACHABLE) {
    return {
        .key = {interface, ip(address)}, .removed = false, .state = state, .mac = mac(mac_text)};
}

// The kernel's answer: a route by `interface`.
inline RouteMessage route_via(int interface, std::string_view gateway = "") {
    return {.first = {},
            .last = {},
            .kind = RouteMessage::Kind::kUnicast,
            .interface = interface,
            .gateway = gateway.empty() ? IpAddress{} : ip(gateway)};
}

}  // namespace vipfwd::net
