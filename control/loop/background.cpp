// SPDX-License-Identifier: Apache-2.0
#include "control/loop/background.h"

#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

namespace vipfwd {
namespace {

abi::Fd make_event() {
    abi::Fd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        throw std::runtime_error("background thread: no eventfd");
    return event;
}

// Without rights the thread keeps its priority: the work is done all the same.
void set_policy(pthread_t thread, int policy) {
    const sched_param none{};
    pthread_setschedparam(thread, policy, &none);
}

// Signals are for the loop's thread.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

Background::Background(Loop& loop, const char* name)
    : finished_event_(make_event()),
      watch_(loop, finished_event_.get(), FdWatch::Ready::kReadable, [this] { finish_jobs(); }),
      yielding_(loop, [this] { end_yielding(); }) {
    const SignalsBlocked inherited_by_the_thread;
    thread_ = std::thread([this, name] { work_off(name); });
}

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

void Background::end_yielding() {
    set_policy(thread_.native_handle(), SCHED_OTHER);
}

void Background::work_off(const char* name) {
    pthread_setname_np(pthread_self(), name);
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_)
            return;
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        // Each time: a thread inherits the real-time priority of the loop's.
        set_policy(pthread_self(), job.priority == Priority::kYielding ? SCHED_IDLE : SCHED_OTHER);
        job.work();
        job.work = nullptr;  // frees what it holds on this thread
        lock.lock();
        finished_.push_back(std::move(job));
        eventfd_write(finished_event_.get(), 1);
    }
}

void Background::finish_jobs() {
    eventfd_t count = 0;
    eventfd_read(finished_event_.get(), &count);
    std::vector<Job> finished;
    {
        const std::lock_guard lock(mutex_);
        finished = std::exchange(finished_, {});
    }
    unfinished_ -= finished.size();
    if (unfinished_ > 0)
        yielding_.fire_after(kYields_ms);
    else
        yielding_.cancel();
    for (const Job& job : finished)
        job.done();
}

}  // namespace vipfwd
