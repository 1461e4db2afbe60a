// SPDX-License-Identifier: Apache-2.0
// What the network says, as far as tables need it. control/net finds it out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/boot.h"

namespace vipfwd::table {

// A configured port, by its index in the configuration.
struct PortFacts {
    std::string name = {};
    IpAddress source_v4;  // none: has no IPv4 address
    IpAddress source_v6;
    std::uint8_t source_v4_bits = 0;  // that many low bits of source_v4 are the flow's hash's
    std::uint8_t source_v6_bits = 0;
    IpAddress own_v4 =
        {};  // the port's own address, whatever tunnels are given as theirs; none: none
    IpAddress own_v6 = {};
    IpAddress link_local = {};     // fe80::/10
    std::uint32_t mtu = 0;         // 0: the device's
    std::uint16_t vlan = 0;        // 0: none
    std::uint16_t outer_vlan = 0;  // 0: none

    friend bool operator==(const PortFacts&, const PortFacts&) = default;
};

// Where packets to an address go next.
struct NextHop {
    MacAddress mac;
    std::uint8_t port = 0;  // index of the configured port

    friend bool operator==(const NextHop&, const NextHop&) = default;
};

struct Facts {
    std::vector<PortFacts> ports;  // one a configured port
    std::function<std::optional<NextHop>(const IpAddress&)> next_hop;
};

// The same facts by the ports of `running`, which a dataplane was started with: reordered by name
// and device. What leaves by a port that it does not have is unresolved.
Facts arrange(Facts facts, const abi::BootParameters& configured,
              const abi::BootParameters& running);

}  // namespace vipfwd::table
