// SPDX-License-Identifier: Apache-2.0
#include "control/loop/background.h"

#include <pthread.h>
#include <sched.h>

#include <utility>

#include "control/loop/thread.h"

namespace vipfwd {
namespace {

// Without rights the thread keeps its priority: the work is done all the same.
void set_policy(pthread_t thread, int policy) {
    const sched_param none{};
    pthread_setschedparam(thread, policy, &none);
}

}  // namespace

Background::Background(Loop& loop, const char* name)
    : mailbox_(loop),
      yielding_(loop, [this] { stop_yielding(); }),
      thread_(start_thread(name, [this] { work_off(); })) {}

Background::~Background() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Background::run(Priority priority, std::function<void()> work, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({priority, std::move(work), std::move(done)});
    }
    changed_.notify_one();
    if (unfinished_++ == 0)
        yielding_.fire_after(kYields_ms);
}

void Background::stop_yielding() {
    set_policy(thread_.native_handle(), SCHED_OTHER);
}

void Background::work_off() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_)
            return;
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        set_policy(pthread_self(), job.priority == Priority::kYielding ? SCHED_IDLE : SCHED_OTHER);
        job.work();
        job.work = nullptr;  // frees what it holds on this thread
        mailbox_.post([this, done = std::move(job.done)] { finish(done); });
        lock.lock();
    }
}

void Background::finish(const std::function<void()>& done) {
    if (--unfinished_ > 0)
        yielding_.fire_after(kYields_ms);
    else
        yielding_.cancel();
    done();
}

}  // namespace vipfwd
