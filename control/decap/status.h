// SPDX-License-Identifier: Apache-2.0
// What the decapsulators of this network namespace do.
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

// Of every interface that has the decapsulator.
Result<std::vector<InterfaceStatus>> status();

}  // namespace vipfwd::decap
