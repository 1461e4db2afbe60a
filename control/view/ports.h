// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/view/source.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::view {

enum class PortDisplayState : std::uint8_t {
    kNotRunning,  // no dataplane runs the port
    kAbsent,      // its device is not there
    kDown,
    kNoInterface,  // closed, see abi::PortState
    kCannotOpen,
    kUp,
    kLast = kUp
};

struct PortRow {
    std::string name = {};
    std::string device = {};
    abi::Driver driver = abi::Driver::kAfXdp;
    std::uint32_t queues = 1;
    std::vector<config::InterfaceAddress> addresses = {};  // as configured
    std::uint16_t vlan = 0;                                // 0: none
    std::uint16_t outer_vlan = 0;                          // 0: none
    std::string kernel_interface = {};                     // a tap; empty: none
    PortDisplayState state = PortDisplayState::kNotRunning;
    std::optional<MacAddress> mac = {};       // nullopt: not known yet
    std::uint64_t mtu = 0;                    // 0: not known yet
    std::uint64_t unopened_queues = 0;        // see abi::PortStatus
    const abi::PortStatus* status = nullptr;  // its counters; null: no dataplane has run the port
    bool configured = true;  // false: the dataplane still runs it, although it is not any more
};

// The configured ports, in the order of the configuration, then those that only the running
// dataplane has.
std::vector<PortRow> ports(const Source& source);

}  // namespace vipfwd::view
