// SPDX-License-Identifier: Apache-2.0
// Reads the map `senders` of steer.bpf.c: other hosts that use a VIP, as seen in frames that go to
// the kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

struct VipSender {
    IpAddress vip;
    MacAddress mac = {};
    std::uint64_t at_ns = 0;  // CLOCK_MONOTONIC
};

// The last sender with each VIP. Removes them from the map. `map` is a file descriptor.
Result<std::vector<VipSender>> take_senders(int map);

}  // namespace vipfwd::bpf
