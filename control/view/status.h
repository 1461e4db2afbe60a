// SPDX-License-Identifier: Apache-2.0
// The gateway as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/view/source.h"

namespace vipfwd::view {

// Packets of all workers, for as long as the region exists:
//   received = forwarded + to_kernel + answered + dropped + held,
// once what workers hand over to each other has arrived, and
//   transmitted = forwarded + answered + split + own.
struct Totals {
    std::uint64_t received = 0;
    std::uint64_t forwarded = 0;
    std::uint64_t to_kernel = 0;
    std::uint64_t answered = 0;
    std::uint64_t dropped = 0;  // over all reasons
    std::uint64_t held = 0;     // fragments that wait for the first one of their datagram
    std::uint64_t split = 0;    // frames that fragmenting added
    std::uint64_t own = 0;      // adverts and announcements of VIPs
    std::uint64_t transmitted = 0;
};

struct TotalBytes {
    std::uint64_t received = 0;
    std::uint64_t forwarded = 0;
    std::uint64_t transmitted = 0;
};

struct VipStatus {
    IpAddress address;
    bool owned = false;                // by this gateway, which answers for it
    std::optional<std::string> group;  // nullopt: of no group, always owned
};

struct Status {
    std::uint64_t generation = 0;            // in force; 0: none
    std::optional<std::uint64_t> region_id;  // nullopt: there is no region
    // nullopt: no dataplane is connected, or it has not said when it started.
    std::optional<std::uint64_t> dataplane_uptime_s;
    // The connected dataplane was started with parameters that are not configured any more.
    bool dataplane_restart_needed = false;
    Totals totals;
    TotalBytes bytes;
    std::vector<VipStatus> vips;  // of the tables in force, by address
};

Status status(const Source& source);

}  // namespace vipfwd::view
