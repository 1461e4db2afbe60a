// SPDX-License-Identifier: Apache-2.0
#include "control/loop/thread.h"

#include <pthread.h>
#include <sched.h>

#include <csignal>
#include <utility>

namespace vipfwd {
namespace {

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

std::thread start_thread(const char* name, std::function<void()> body) {
    const SignalsBlocked inherited_by_the_thread;
    return std::thread([name, body = std::move(body)] {
        pthread_setname_np(pthread_self(), name);
        const sched_param none{};
        pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);
        body();
    });
}

}  // namespace vipfwd
