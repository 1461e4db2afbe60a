// SPDX-License-Identifier: Apache-2.0
// The dataplane's entry in the region's status, when it starts to use a region and when it ends.
#pragma once

#include <cstdint>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::host {

// Resets what a previous dataplane has left, except counters, which continue. (The fragments that
// it held are lost, so that count restarts at 0.) Then names this process, and its boot parameters.
void begin_status(abi::DataplaneStatus& status, const abi::BootParameters& boot,
                  std::uint64_t started_at_s);

// Tells control that no dataplane runs. Counters stay.
void end_status(abi::DataplaneStatus& status);

}  // namespace vipfwd::host
