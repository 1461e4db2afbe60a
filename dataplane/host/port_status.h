// SPDX-License-Identifier: Apache-2.0
// What control reads of the ports. Counters go on from where a predecessor left them in the region.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/limits.h"
#include "dataplane/host/port_facts.h"

namespace vipfwd::host {

class PortStatusWriter {
  public:
    // Counters of `status` continue from here. `readings` and later ones are of the ports in order.
    void begin(abi::DataplaneStatus& status, const std::vector<PortReading>& readings);
    void write(abi::DataplaneStatus& status, const std::vector<PortReading>& readings,
               const std::vector<PortFacts>& facts) const;

  private:
    // The region's counters minus the device's.
    std::array<PortReading, abi::kMaxPorts> base_{};
};

}  // namespace vipfwd::host
