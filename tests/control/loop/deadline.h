// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "control/loop/loop.h"

namespace vipfwd::test {

// Fails and ends a test that would otherwise never end.
class Deadline {
  public:
    explicit Deadline(Loop& loop)
        : timer_(loop, [&loop] {
              ADD_FAILURE() << "nothing stopped the loop";
              loop.stop();
          }) {
        timer_.fire_after(10'000);
    }

  private:
    Timer timer_;
};

}  // namespace vipfwd::test
