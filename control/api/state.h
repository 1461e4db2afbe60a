// SPDX-License-Identifier: Apache-2.0
// What the views are made from: the gateway as it is at one moment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/table/facts.h"
#include "control/table/publish.h"

namespace vipfwd::api {

// Where packets to an address go next, as the network says now; `state` is for people.
struct HopDescription {
    std::optional<table::NextHop> hop = {};  // its port is an index into Config::ports
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

// Refers to what its maker owns: good for one request.
struct State {
    const config::Config& config;
    const std::string& config_path;
    const std::vector<std::string>& warnings;     // "file:line:col: warning: ..."
    const table::Publisher* publisher = nullptr;  // null while there is no region
    std::function<HopDescription(const IpAddress&)> describe_hop = {};
    DataplaneLink dataplane = {};
    std::uint64_t uptime_s = 0;  // of control
    std::uint64_t now_ns = 0;    // CLOCK_MONOTONIC
    std::uint64_t now_s = 0;     // CLOCK_BOOTTIME
};

}  // namespace vipfwd::api
