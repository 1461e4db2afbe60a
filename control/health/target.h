// SPDX-License-Identifier: Apache-2.0
// What is checked: an address, and how. Backends with equal targets, of one pool or several, share
// one check.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/forward_mode.h"

namespace vipfwd::health {

// The way of clients' packets: to the VIP, in the encapsulation by which the backend gets them.
struct Tunnel {
    IpAddress vip;
    abi::Forward forward = abi::Forward::kIpip;

    friend bool operator==(const Tunnel&, const Tunnel&) = default;
};

struct Target {
    IpAddress address;  // of the backend
    config::Check check;
    // Names, for scripts only, which are told them: checks of other types are shared among pools.
    std::string pool = {};
    std::string backend = {};
    std::optional<Tunnel> tunnel = {};  // nullopt: the backend's address is connected to

    friend bool operator==(const Target&, const Target&) = default;
};

struct TargetHash {
    std::size_t operator()(const Target& target) const;
};

// By index of the pool; nullopt: its check, if it has one, goes to the backends' own addresses.
std::vector<std::optional<Tunnel>> tunnels_of_pools(const config::Config& config);

// Requires that the pool has a check. `tunnel` is the pool's: a backend with a check_address is
// connected to there.
Target target_of(const config::Pool& pool, const config::Backend& backend,
                 const std::optional<Tunnel>& tunnel);

// How many bytes the tunnel of a target, which has one, adds to an IP packet.
std::uint32_t tunnel_overhead(const Target& target);

// "tcp 10.0.0.11:80", "https [2001:db8::1]:443/healthz",
// "dns 10.0.0.21:53 example.org A", "tcp 10.0.0.100:80 through ipip to 10.0.0.11".
std::string to_string(const Target& target);

}  // namespace vipfwd::health
