// SPDX-License-Identifier: Apache-2.0
// The classes by which workers tell the flows of services apart (abi::ServiceEntry::flow_class).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/abi/tables.h"

namespace vipfwd::table {

class FlowClasses {
  public:
    explicit FlowClasses(std::span<const abi::ServiceEntry> previous);

    // The class of a service that the previous generation does not have. A service that takes over
    // ports of a previous one takes over its class, so that their flows are still found. Any other
    // gets the class that the fewest services have.
    std::uint8_t choose(const abi::ServiceEntry& service);

  private:
    std::span<const abi::ServiceEntry> previous_;
    std::array<std::uint32_t, abi::kFlowClasses> services_{};  // by class
};

}  // namespace vipfwd::table
