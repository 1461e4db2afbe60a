// SPDX-License-Identifier: Apache-2.0
// A gateway with one port, by which the backend 10.0.0.11 is reached.
#pragma once

#include <memory>

#include "control/health/tunnel_path.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::health {

inline const IpAddress kTunnelBackend = *parse_ip("10.0.0.11");
inline const IpAddress kTunnelVip = *parse_ip("10.0.0.100");
inline constexpr MacAddress kTunnelBackendMac{{2, 0, 0, 0, 0, 0x11}};
inline constexpr MacAddress kTunnelPortMac{{2, 0, 0, 0, 0, 1}};

inline TunnelNetwork tunnel_network(std::shared_ptr<net::CheckMap> map = nullptr) {
    TunnelNetwork network;
    network.map = std::move(map);
    network.gue_port = 6080;
    network.ports.resize(1);
    network.ports[0].facts.name = "uplink";
    network.ports[0].facts.source_v4 = *parse_ip("10.0.0.1");
    network.ports[0].facts.own_v4 = *parse_ip("10.0.0.1");
    network.ports[0].facts.mtu = 1600;
    network.ports[0].interface = 7;
    network.ports[0].mac = kTunnelPortMac;
    network.next_hop = [](const IpAddress& address) {
        return address == kTunnelBackend ? std::optional(net::NextHop{kTunnelBackendMac, 0})
                                         : std::nullopt;
    };
    return network;
}

inline Target tunnel_target(abi::Forward forward = abi::Forward::kIpip) {
    Target target{.address = kTunnelBackend, .check = {}};
    target.check.type = config::CheckType::kTcp;
    target.check.port = 80;
    target.tunnel = {.vip = kTunnelVip, .forward = forward};
    return target;
}

}  // namespace vipfwd::health
