// SPDX-License-Identifier: Apache-2.0
// A thread beside the loop, for work that would hold the loop up. It never has real-time priority,
// even where the loop has.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "control/loop/loop.h"
#include "control/loop/mailbox.h"

namespace vipfwd {

class Background {
  public:
    // kYielding: for work that takes many milliseconds. At first it runs only where nothing else
    // wants the CPU (SCHED_IDLE), so that it delays no packet. On a machine that is always busy it
    // would never end: after kYields_ms it gets its share.
    enum class Priority { kNormal, kYielding };

    static constexpr std::int64_t kYields_ms = 1000;

    // `name` is shown for the thread, by ps for example: at most 15 characters.
    Background(Loop& loop, const char* name);
    // Waits for the work that runs, and forgets the rest.
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // To be called from the loop. Runs `work` on the thread, after what was passed before, and then
    // `done` on the loop, which must not destroy this object. `work` must not throw, nor touch what
    // the loop may change meanwhile.
    void run(Priority priority, std::function<void()> work, std::function<void()> done);

    // Gives the work that runs now normal priority: something urgent waits for its end.
    void stop_yielding();

  private:
    struct Job {
        Priority priority;
        std::function<void()> work;
        std::function<void()> done;
    };

    void work_off();
    void finish(const std::function<void()>& done);

    Mailbox mailbox_;  // of the loop
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> waiting_;     // guarded by mutex_
    std::size_t unfinished_ = 0;  // jobs whose end the loop has not seen
    bool stopping_ = false;       // guarded by mutex_
    Timer yielding_;              // since the oldest of them was passed, or another one ended
    std::thread thread_;
};

}  // namespace vipfwd
