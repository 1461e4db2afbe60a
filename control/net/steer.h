// SPDX-License-Identifier: Apache-2.0
// Tells the XDP program of an AF_XDP port (dataplane/bpf/steer.bpf.c) which addresses are VIPs. The
// dataplane attaches that program when it opens the port, with no VIPs: then, and whenever the VIPs
// change, they are to be synchronised.
#pragma once

#include <span>
#include <string>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/address_map.h"

namespace vipfwd::net {

struct SteerOutcome {
    bool attached = false;  // false: the interface has no steering program (yet); nothing was done
    bpf::AddressChanges changes;
};

// Makes the steering program of `interface` know exactly `vips`. What needs no change is not
// touched, so that this may be called on any occasion.
Result<SteerOutcome> sync_vips(const std::string& interface, std::span<const IpAddress> vips);

}  // namespace vipfwd::net
