// SPDX-License-Identifier: Apache-2.0
// Writes the status of the ports to the region. Their counters continue from the values that a
// previous dataplane left in the region.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/limits.h"
#include "dataplane/host/port_facts.h"

namespace vipfwd::host {

// Adds the counters of `from` to those of `to`.
void add_counters(PortReading& to, const PortReading& from);

class PortStatusWriter {
  public:
    // Counters in `status` continue from their current values. All vectors are by port number.
    void begin(abi::DataplaneStatus& status, const std::vector<PortReading>& readings);
    void write(abi::DataplaneStatus& status, const std::vector<PortReading>& readings,
               const std::vector<PortFacts>& facts) const;

  private:
    // Counters in the region minus counters of the device, at begin().
    std::array<PortReading, abi::kMaxPorts> base_{};
};

}  // namespace vipfwd::host
