// SPDX-License-Identifier: Apache-2.0
// The read model of a gateway: what it is doing at one moment, as typed values. Everything that
// shows the gateway reads it from here: the control socket as JSON (control/api); metrics and the
// status page will, too.
//
// A Source refers to the gateway's own state. The functions of the other headers compute what one
// view shows: rows of plain values, with enums rather than words. They change nothing. Views of
// many rows are made beside the loop, from a Snapshot (snapshot.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/group/group_status.h"
#include "control/health/standing.h"
#include "control/net/network_view.h"
#include "control/table/publish.h"
#include "control/view/losses.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::view {

// Control's connection to the dataplane.
struct DataplaneConnection {
    struct Rejection {
        std::uint64_t generation = 0;
        std::string reason = {};
    };

    bool connected = false;
    bool ready = false;  // its ports are open and its workers run
    std::uint32_t pid = 0;
    std::uint64_t acknowledged_generation = 0;
    // The last generation that it was told of, and how long that took since it was asked for.
    struct Change {
        std::uint64_t generation = 0;
        std::uint64_t published_us = 0;
        std::optional<std::uint64_t> acknowledged_us = {};  // none: not by all workers yet
    };
    std::optional<Change> last_change = {};
    bool publish_pending = false;  // a generation waits until the dataplane has caught up
    std::optional<Rejection> rejected = {};
    bool boot_differs = false;  // it was started with parameters that are not configured any more
};

// A worker's polls of its receive queues so far.
struct PollCounts {
    std::uint64_t all = 0;
    std::uint64_t empty = 0;  // that found no packet
};

PollCounts poll_counts(const abi::WorkerCounters& counters);

// Valid for one request: it refers to what the gateway owns.
struct Source {
    const config::Config& config;  // in force
    const std::string& config_path;
    const std::vector<std::string>& warnings;  // "file:line:col: warning: ..."
    // What of the file waits for the dataplane's next start, see plan::describe_waiting().
    const std::vector<std::string>& waiting;
    const std::vector<std::string>& reload_errors;  // of the last reload, if it failed
    // Why packets do not reach the dataplane: "port uplink: ...".
    std::vector<std::string> steering_problems = {};
    const table::Publisher* publisher = nullptr;  // null while there is no region
    // The next hop towards an address as the network says now; its port is an index into
    // Config::ports. Empty: all are untracked.
    std::function<net::Hop(const IpAddress&)> find_hop = {};
    DataplaneConnection dataplane = {};
    // What the health checks say; null: nothing yet.
    const health::Standings* standings = nullptr;
    std::vector<group::GroupStatus> groups = {};  // in the order of the configuration
    std::vector<group::Warning> conflicts = {};   // other hosts that use VIPs of this gateway
    // Of each worker, as of one to two seconds ago; empty: not known.
    std::span<const PollCounts> polls_before = {};
    const LossCounts* losses_before = nullptr;  // as of some seconds ago; null: not known
    std::uint64_t uptime_s = 0;                 // of control
    std::uint64_t now_ns = 0;                   // CLOCK_MONOTONIC
    std::uint64_t now_s = 0;                    // CLOCK_BOOTTIME
};

}  // namespace vipfwd::view
