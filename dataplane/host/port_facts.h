// SPDX-License-Identifier: Apache-2.0
// What is known about an open port, whatever its driver.
#pragma once

#include <cstdint>

#include "dataplane/abi/address.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::host {

// What the packet path needs to know. It may change while a kernel interface is in use.
struct PortFacts {
    MacAddress mac;
    std::uint32_t mtu = 0;        // of the device; a generation may set another one
    std::uint32_t mtu_limit = 0;  // maximum of the device and its buffers

    friend bool operator==(const PortFacts&, const PortFacts&) = default;
};

// The state of a port and the counters of its device at one time.
struct PortReading {
    abi::PortState state = abi::PortState::kDown;
    std::uint64_t openings = 0;         // how often the port was opened
    std::uint64_t unopened_queues = 0;  // see abi::PortStatus
    std::uint64_t received_packets = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t transmitted_packets = 0;
    std::uint64_t transmitted_bytes = 0;
    std::uint64_t missed_packets = 0;
    std::uint64_t receive_errors = 0;
    std::uint64_t transmit_errors = 0;
};

}  // namespace vipfwd::host
