// SPDX-License-Identifier: Apache-2.0
// How the packets of a check through a tunnel leave this machine: what check.bpf.c puts in front of
// them, and what the probe's socket needs. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "control/health/probe.h"
#include "control/health/probe_socket.h"
#include "control/health/target.h"
#include "control/net/check_map.h"
#include "control/net/facts.h"
#include "dataplane/abi/address.h"

namespace vipfwd::health {

// A configured port, and its interface in the kernel.
struct TunnelPort {
    net::PortFacts facts;
    std::uint32_t interface = 0;  // its number; 0: it does not exist (yet)
    MacAddress mac = {};
    std::uint32_t interface_mtu =
        0;  // bytes: that of a tap may be less than the port's; 0: unknown
};

// What is known of this machine at one moment. Never changes, so any thread may read it.
struct TunnelNetwork {
    std::shared_ptr<net::CheckMap> map;  // null: no check can go through a tunnel
    std::string problem;                 // why
    std::vector<TunnelPort> ports;       // one per configured port
    // nullopt: the next hop is not resolved.
    std::function<std::optional<net::NextHop>(const IpAddress&)> next_hop;
    std::uint16_t gue_port = 0;
};

struct TunnelPath {
    check_path path;
    Way way;  // without the mark
};

// Requires a target with a tunnel and a network with a map. A result instead of a path is what is
// to be said of the backend: it cannot be reached, or cannot be checked.
std::variant<TunnelPath, ProbeResult> find_tunnel_path(const TunnelNetwork& network,
                                                       const Target& target);

}  // namespace vipfwd::health
