// SPDX-License-Identifier: Apache-2.0
// What the workers' poll counters were a moment ago, so that their load of now can be shown.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "control/view/source.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::gateway {

class PollHistory {
  public:
    // To be called once a second. `status` is null while there is no region.
    void sample(const abi::DataplaneStatus* status);
    // The counters of each worker as of the last sample but one; empty until there are two.
    std::span<const view::PollCounts> before() const;

  private:
    using Sample = std::array<view::PollCounts, abi::kMaxWorkers>;

    std::array<Sample, 2> samples_{};  // the older one first
    std::size_t count_ = 0;
};

}  // namespace vipfwd::gateway
