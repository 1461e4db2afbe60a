// SPDX-License-Identifier: Apache-2.0
// Reads the status of the decapsulators in this network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/decap/settings.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/attached.h"

namespace vipfwd::decap {

struct InterfaceStatus {
    std::string interface;
    bpf::XdpMode mode = bpf::XdpMode::kNative;
    Settings settings;
    std::vector<std::uint64_t> counters;  // by decap_counter
};

// One entry per interface with a decapsulator attached.
Result<std::vector<InterfaceStatus>> status();

}  // namespace vipfwd::decap
