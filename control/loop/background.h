// SPDX-License-Identifier: Apache-2.0
// A thread beside the loop, for work that would hold the loop up. It has normal priority even where
// the loop has real-time priority.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd {

class Background {
  public:
    // How the kernel is to treat the thread: kBatch yields to whatever else wants the CPU.
    enum class Priority { kNormal, kBatch };

    // `name` is that of the thread, at most 15 characters.
    Background(Loop& loop, const char* name, Priority priority);
    // Waits for the work that runs, and forgets the rest.
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // To be called from the loop. Runs `work` on the thread, after what was passed before, and then
    // `done` on the loop, which must not destroy this object. `work` must not throw, nor touch what
    // the loop may change meanwhile.
    void run(std::function<void()> work, std::function<void()> done);

  private:
    struct Job {
        std::function<void()> work;
        std::function<void()> done;
    };

    void work_off(const char* name, Priority priority);
    void finish_jobs();

    abi::Fd finished_event_;  // an eventfd: a job is in finished_
    FdWatch watch_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;    // guarded by mutex_
    std::vector<Job> finished_;  // guarded by mutex_
    bool stopping_ = false;      // guarded by mutex_
    std::thread thread_;
};

}  // namespace vipfwd
