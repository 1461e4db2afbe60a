// SPDX-License-Identifier: Apache-2.0
// The facts about the network that tables are built from: what the kernel and the configuration say
// of each port, and the next hop towards an address. Plain values; KernelNetwork provides them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/abi/address.h"

namespace vipfwd::net {

// A configured port, by its index in the configuration.
struct PortFacts {
    std::string name = {};
    // Outer source addresses of tunnels; none: the port has no address of that family. That many
    // low bits of them are taken from the flow's hash.
    IpAddress source_v4;
    IpAddress source_v6;
    std::uint8_t source_v4_bits = 0;
    std::uint8_t source_v6_bits = 0;
    // The port's own addresses, whatever source its tunnels have; none: it has none.
    IpAddress own_v4 = {};
    IpAddress own_v6 = {};
    IpAddress link_local = {};     // fe80::/10
    std::uint32_t mtu = 0;         // bytes of IP packet; 0: the device's
    std::uint16_t vlan = 0;        // 0: none
    std::uint16_t outer_vlan = 0;  // 0: none

    friend bool operator==(const PortFacts&, const PortFacts&) = default;
};

// The next hop of packets to an address.
struct NextHop {
    MacAddress mac;
    std::uint8_t port = 0;  // index of the configured port

    friend bool operator==(const NextHop&, const NextHop&) = default;
};

// The next hops of many addresses at one moment. Never changes, so any thread may read it.
class NextHops {
  public:
    // `hops` are sorted by address.
    explicit NextHops(std::vector<std::pair<IpAddress, NextHop>> hops) : hops_(std::move(hops)) {}

    // nullopt: not resolved.
    std::optional<NextHop> find(const IpAddress& address) const {
        const auto at = std::ranges::lower_bound(hops_, address, {}, &Item::first);
        return at != hops_.end() && at->first == address ? std::optional(at->second) : std::nullopt;
    }

  private:
    using Item = std::pair<IpAddress, NextHop>;

    std::vector<Item> hops_;
};

struct Facts {
    std::vector<PortFacts> ports;  // one per configured port
    // nullopt: the next hop is not resolved.
    std::function<std::optional<NextHop>(const IpAddress&)> next_hop;
    // What next_hop looks into: with the same one it finds the same. Null: something else.
    std::shared_ptr<const NextHops> next_hops = nullptr;
    // VIPs that this gateway must not answer for, sorted: see group::RivalClaims.
    std::vector<IpAddress> left_to_rivals = {};

    // Whether tables that are built from either are the same; false if it is not known.
    bool are_same_as(const Facts& other) const {
        return next_hops != nullptr && next_hops == other.next_hops && ports == other.ports &&
               left_to_rivals == other.left_to_rivals;
    }
};

}  // namespace vipfwd::net
