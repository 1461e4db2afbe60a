// SPDX-License-Identifier: Apache-2.0
// What a group's decisions are based on, at one moment. Groups gathers it; Group only reads it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/group/tracks.h"
#include "control/health/rise_fall.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/lease.h"

namespace vipfwd::group {

struct GroupInputs {
    abi::LeaseArea* leases = nullptr;              // of the region; null: there is none yet
    const abi::DataplaneStatus* status = nullptr;  // of the region; null: there is none yet
    std::uint16_t lease = abi::kNoGroup;  // the group's lease; kNoGroup: it is not in force yet
    IpAddress source;                     // of the group's adverts; none: its port has no address
    std::uint32_t mtu = 0;                // of the port: it limits how many VIPs an advert lists
    bool dataplane_forwards = false;      // VIPs' packets reach workers that have tables and run
    bool next_hops_resolved = true;       // those of all backends, or waiting for them timed out
    bool health_known = true;             // of all backends, or waiting for that timed out
    Verdict link = Verdict::kUnknown;     // of the port
    std::string port_closed = {};  // why the dataplane has closed the port; empty: it has not
    std::vector<TrackState> tracks = {};  // in the order of the configuration
    // Another group of the same sync_set that is ineligible by itself; empty: none.
    std::string sync_set_blocker = {};
};

}  // namespace vipfwd::group
