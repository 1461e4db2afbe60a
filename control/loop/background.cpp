// SPDX-License-Identifier: Apache-2.0
#include "control/loop/background.h"

#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

namespace vipfwd {
namespace {

constexpr int kBatchNice = 10;

abi::Fd make_event() {
    abi::Fd event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!event)
        throw std::runtime_error("background thread: no eventfd");
    return event;
}

// A thread would inherit a real-time priority of the loop's.
void set_priority(Background::Priority priority) {
    const bool batch = priority == Background::Priority::kBatch;
    const sched_param none{};
    pthread_setschedparam(pthread_self(), batch ? SCHED_BATCH : SCHED_OTHER, &none);
    if (batch)
        setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kBatchNice);
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

Background::Background(Loop& loop, const char* name, Priority priority)
    : finished_event_(make_event()),
      watch_(loop, finished_event_.get(), FdWatch::Ready::kReadable, [this] { finish_jobs(); }) {
    const SignalsBlocked inherited_by_the_thread;
    thread_ = std::thread([this, name, priority] { work_off(name, priority); });
}

Background::~Background() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Background::run(std::function<void()> work, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back({std::move(work), std::move(done)});
    }
    changed_.notify_one();
}

void Background::work_off(const char* name, Priority priority) {
    pthread_setname_np(pthread_self(), name);
    set_priority(priority);
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_)
            return;
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
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
    for (const Job& job : finished)
        job.done();
}

}  // namespace vipfwd
