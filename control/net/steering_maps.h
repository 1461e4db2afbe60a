// SPDX-License-Identifier: Apache-2.0
// Fills the maps of the XDP program of an AF_XDP port (dataplane/bpf/steer.bpf.c): which addresses
// are VIPs, which of them the kernel has as well and with which services, and in which VLAN. The
// dataplane attaches the program, with empty maps, when it opens the port. The maps must be
// synchronised then, and whenever the VIPs or the port's tags change.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/tables.h"
#include "dataplane/bpf/address_map.h"
#include "dataplane/bpf/sender_map.h"
#include "dataplane/bpf/service_map.h"

namespace vipfwd::net {

// The tags of a port's frames, as in config::Port; 0: none.
struct VlanTags {
    std::uint16_t vlan = 0;
    std::uint16_t outer_vlan = 0;

    friend bool operator==(const VlanTags&, const VlanTags&) = default;
};

// The packets that the program steers to the dataplane.
struct SteeringRules {
    std::vector<bpf::ListedAddress> vips;
    std::vector<bpf::ServicePorts> services;  // of the VIPs that the kernel has as well

    friend bool operator==(const SteeringRules&, const SteeringRules&) = default;
};

SteeringRules steering_rules(std::span<const abi::VipEntry> vips,
                             std::span<const abi::ServiceEntry> services);

struct SteeringOutcome {
    bool attached = false;  // false: the interface has no steering program (yet); nothing was done
    bool tags_changed = false;
    bpf::AddressChanges vips = {};
    std::size_t services_added = 0;  // in prefixes of ports
    std::size_t services_removed = 0;
    std::vector<bpf::VipSender> senders = {};  // that the program has noted since the last call
};

// Makes the steering program of `interface` steer exactly `rules`, in frames with exactly `tags`. A
// service that is in both the old and the new rules is steered without a gap. Idempotent: entries
// that are as wanted are not written. Also takes what the program has noted.
Result<SteeringOutcome> sync_steering_maps(const std::string& interface, VlanTags tags,
                                           const SteeringRules& rules);

}  // namespace vipfwd::net
