// SPDX-License-Identifier: Apache-2.0
// Tells the XDP program of an AF_XDP port (dataplane/bpf/steer.bpf.c) which addresses are VIPs, and
// in which VLAN. The dataplane attaches that program when it opens the port, with no VIPs: then,
// and whenever the VIPs or the port's tags change, they are to be synchronised.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/address_map.h"

namespace vipfwd::net {

// Of a port's frames, as in config::Port; 0: none.
struct PortTags {
    std::uint16_t vlan = 0;
    std::uint16_t outer_vlan = 0;
};

struct SteerOutcome {
    bool attached = false;  // false: the interface has no steering program (yet); nothing was done
    bool tags_changed = false;
    bpf::AddressChanges vips;
};

// Makes the steering program of `interface` look for exactly `vips`, in frames with exactly `tags`.
// What needs no change is not touched, so that this may be called on any occasion.
Result<SteerOutcome> sync_steering(const std::string& interface, PortTags tags,
                                   std::span<const IpAddress> vips);

}  // namespace vipfwd::net
