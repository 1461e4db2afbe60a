// SPDX-License-Identifier: Apache-2.0
// Updates the map `services` of steer.bpf.c: the ports of services, of VIPs that the kernel has
// too. `map` is a file descriptor.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/steer_vips.h"

namespace vipfwd::bpf {

struct ServicePorts {
    IpAddress vip;
    std::uint8_t protocol = 0;     // as in the IP header
    std::uint16_t port_first = 0;  // host order
    std::uint16_t port_last = 0;   // inclusive, not below port_first

    friend auto operator<=>(const ServicePorts&, const ServicePorts&) = default;
};

// The smallest set of prefixes that covers exactly these ports: at most 30.
std::vector<steer_service> prefixes_of(const ServicePorts& service);

struct ServiceChanges {
    std::size_t added = 0;               // prefixes
    std::vector<steer_service> surplus;  // prefixes in the map that no service needs
};

// Adds the prefixes of `services` that the map lacks. The caller removes the surplus ones, once
// packets do not need them any more.
Result<ServiceChanges> add_services(int map, std::span<const ServicePorts> services);
Result<void> remove_services(int map, std::span<const steer_service> prefixes);

}  // namespace vipfwd::bpf
