// SPDX-License-Identifier: Apache-2.0
// What the views are made from: the gateway as it is at one moment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/table/publish.h"

namespace vipfwd::api {

// Where packets to an address go next, as the network says now; `state` is for people.
struct HopDescription {
    std::optional<net::NextHop> hop = {};  // its port is an index into Config::ports
    std::string state = {};
};

// Control's connection with a dataplane.
struct DataplaneLink {
    struct Rejection {
        std::uint64_t generation = 0;
        std::string reason = {};
    };

    bool connected = false;
    bool ready = false;  // its ports are open and its workers run
    std::uint32_t pid = 0;
    std::uint64_t acknowledged_generation = 0;
    bool publish_pending = false;  // there is news that waits for the dataplane to catch up
    std::optional<Rejection> rejected = {};
    bool boot_differs = false;  // it was started with other parameters than are configured now
};

// VIPs as addresses of the kernel.
struct KernelAddress {
    std::size_t present = 0;    // VIPs that the kernel has
    std::uint64_t repairs = 0;  // VIPs put back that somebody had removed
    std::string problem = {};   // why it has not all that are owned; empty: none
};

// A group and its election, see control/vrrp for the words.
struct GroupDescription {
    struct Heard {
        IpAddress source;
        std::uint8_t priority = 0;
        std::uint32_t interval_ms = 0;
        bool same_vips = true;  // it lists the VIPs that ours would
        std::uint64_t age_ms = 0;
    };
    struct Track {
        std::string what;
        std::string state;    // "unknown", "good", "bad"
        std::string failure;  // why it is bad; or empty
        std::int32_t weight = 0;
        std::int32_t contribution = 0;  // to the priority
    };
    struct Transition {
        std::uint64_t age_ms = 0;
        std::string from;
        std::string to;
        std::string cause;
    };

    std::string name = {};
    std::string port = {};
    std::uint32_t id = 0;
    bool is_v4 = true;
    std::uint8_t version = 3;
    std::string state = {};
    std::string cause = {};                    // of the state
    std::optional<std::uint64_t> age_ms = {};  // of the state; nothing before the first one
    std::uint8_t priority = 0;                 // that it takes part with; 0: it does not
    std::uint8_t configured_priority = 0;
    std::optional<std::uint8_t> chosen_priority = {};  // the operator's, instead
    std::vector<std::string> hindrances = {};          // why it takes no part
    std::vector<Track> tracks = {};                    // as configured
    std::uint32_t advert_interval_ms = 0;
    IpAddress source = {};  // of its adverts
    // Of adverts: "required", "optional" (they are signed, others' need not be), or empty: none.
    std::string auth = {};
    std::uint64_t unverified = 0;  // adverts that count, though they are not authentic
    std::size_t vips = 0;
    bool accept = true;
    std::optional<KernelAddress> kernel_address = {};  // nothing: not configured
    std::optional<Heard> heard = {};                   // the last advert of another
    std::uint64_t adverts_received = 0;
    std::vector<std::pair<std::string, std::uint64_t>> discards = {};  // of adverts, by reason
    std::vector<Transition> transitions = {};                          // newest first
};

// Refers to what its maker owns: good for one request.
struct State {
    const config::Config& config;
    const std::string& config_path;
    const std::vector<std::string>& warnings;     // "file:line:col: warning: ..."
    const table::Publisher* publisher = nullptr;  // null while there is no region
    std::function<HopDescription(const IpAddress&)> describe_hop = {};
    DataplaneLink dataplane = {};
    std::vector<GroupDescription> groups = {};  // as configured
    std::uint64_t uptime_s = 0;                 // of control
    std::uint64_t now_ns = 0;                   // CLOCK_MONOTONIC
    std::uint64_t now_s = 0;                    // CLOCK_BOOTTIME
};

}  // namespace vipfwd::api
