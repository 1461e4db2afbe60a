// SPDX-License-Identifier: Apache-2.0
// What is known of an open port, whatever its driver.
#pragma once

#include <cstdint>

#include "dataplane/abi/address.h"

namespace vipfwd::host {

// What the packet path must know. A kernel interface's may change while it is in use.
struct PortFacts {
    MacAddress mac;
    std::uint32_t mtu = 0;        // unless the generation says otherwise
    std::uint32_t mtu_limit = 0;  // what the device and its buffers take

    friend bool operator==(const PortFacts&, const PortFacts&) = default;
};

// Its link and its device's counters, at one time.
struct PortReading {
    bool up = false;
    std::uint64_t received_packets = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t transmitted_packets = 0;
    std::uint64_t transmitted_bytes = 0;
    std::uint64_t missed_packets = 0;
    std::uint64_t receive_errors = 0;
    std::uint64_t transmit_errors = 0;
};

}  // namespace vipfwd::host
