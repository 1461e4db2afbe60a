// SPDX-License-Identifier: Apache-2.0
// Whether this gateway can serve VIPs now. A value: it is computed once for each pass over the
// groups, and passed on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "control/health/rise_fall.h"
#include "control/table/publish.h"

namespace vipfwd::gateway {

struct Readiness {
    bool workers_run = false;  // a dataplane is connected; all its workers have tables and beat
    bool steering_in_sync = false;    // the kernel steers the packets of the VIPs to it
    bool next_hops_resolved = false;  // or waiting for them has timed out
    bool health_known = false;        // the same of the first health checks

    // Packets that arrive for VIPs are forwarded.
    bool forwards() const { return workers_run && steering_in_sync; }
    friend bool operator==(const Readiness&, const Readiness&) = default;
};

// How long a gateway that has just started waits for the next hops of its backends. The kernel asks
// for an unresolved neighbor once a second.
inline constexpr std::int64_t kNextHopTimeout_ns = 2'000'000'000;

// Whether all backends of the tables in force have a next hop, by which all workers forward.
// `publisher` may be null: there is no region yet.
bool all_next_hops_in_force(const table::Publisher* publisher);

// Whether packets can come and go by a port.
struct LinkState {
    health::Verdict verdict = health::Verdict::kUnknown;
    std::string closed{};  // why the dataplane has closed the port; empty: it has not
};

// The link of the port named `port`. `status` is the dataplane's (null: there is no region yet).
// `kernel_link_up` is what the kernel says of the port's interface, nullopt if it has none; while
// not `kernel_is_complete`, the kernel may not have told of all interfaces yet.
LinkState judge_link(std::optional<bool> kernel_link_up, bool kernel_is_complete,
                     const abi::DataplaneStatus* status, std::string_view port);

}  // namespace vipfwd::gateway
