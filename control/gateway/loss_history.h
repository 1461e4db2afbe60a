// SPDX-License-Identifier: Apache-2.0
// What had been lost some seconds ago, so that losses of now can be told from former ones.
#pragma once

#include <array>
#include <cstddef>

#include "control/view/losses.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::gateway {

class LossHistory {
  public:
    static constexpr std::size_t kSeconds = 10;

    // To be called once a second. `status` is null while there is no region.
    void sample(const abi::DataplaneStatus* status);
    // The counts of kSeconds ago, or of the first sample. Null: there is none.
    const view::LossCounts* before() const;

  private:
    std::array<view::LossCounts, kSeconds + 1> samples_{};  // a ring; the newest is before next_
    std::size_t next_ = 0;
    std::size_t count_ = 0;
};

}  // namespace vipfwd::gateway
