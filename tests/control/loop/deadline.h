// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>

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

// Runs the loop until `condition` holds, or fails after 10 s. Returns whether it holds.
inline bool run_until(Loop& loop, const std::function<bool()>& condition) {
    bool reached = condition();
    if (reached)
        return true;
    const Deadline deadline(loop);
    Timer poll(loop, [&] {
        reached = condition();
        if (reached)
            loop.stop();
    });
    poll.fire_every(1);
    loop.run();
    return reached;
}

}  // namespace vipfwd::test
