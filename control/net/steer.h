// SPDX-License-Identifier: Apache-2.0
// Tells the XDP program of an AF_XDP port (dataplane/bpf/steer.bpf.c) which addresses are VIPs,
// which of them the kernel has as well, with their services, and in which VLAN. The dataplane
// attaches that program when it opens the port, with no VIPs: then, and whenever the VIPs or the
// port's tags change, they are to be synchronised.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/tables.h"
#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/service_map.h"

namespace vipfwd::net {

// Of a port's frames, as in config::Port; 0: none.
struct PortTags {
    std::uint16_t vlan = 0;
    std::uint16_t outer_vlan = 0;
};

// What is to be steered to the dataplane.
struct SteeredPackets {
    std::vector<bpf::ListedAddress> vips;
    std::vector<bpf::ServicePorts> services;  // of the VIPs that the kernel has as well

    friend bool operator==(const SteeredPackets&, const SteeredPackets&) = default;
};

SteeredPackets steered_packets(std::span<const abi::VipEntry> vips,
                               std::span<const abi::ServiceEntry> services);

struct SteerOutcome {
    bool attached = false;  // false: the interface has no steering program (yet); nothing was done
    bool tags_changed = false;
    bpf::AddressChanges vips = {};
    std::size_t services_added = 0;  // prefixes of ports
    std::size_t services_removed = 0;
};

// Makes the steering program of `interface` look for exactly `packets`, in frames with exactly
// `tags`. At no moment does a service's packet go to the kernel, before and after which it does
// not. What needs no change is not touched, so that this may be called on any occasion.
Result<SteerOutcome> sync_steering(const std::string& interface, PortTags tags,
                                   const SteeredPackets& packets);

}  // namespace vipfwd::net
