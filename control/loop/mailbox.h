// SPDX-License-Identifier: Apache-2.0
// Work that other threads pass to a loop.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd {

class Mailbox {
  public:
    // Must be made and destroyed by the thread of the loop, or while the loop does not run.
    explicit Mailbox(Loop& loop);

    // From any thread. The loop runs `work` soon, after what was posted before; what is left when
    // the mailbox is destroyed is not run. `work` must not throw, nor destroy the mailbox.
    void post(std::function<void()> work);

  private:
    void run_posted();

    abi::Fd event_;  // an eventfd: something is in posted_
    std::mutex mutex_;
    std::vector<std::function<void()>> posted_;  // guarded by mutex_
    FdWatch watch_;
};

}  // namespace vipfwd
