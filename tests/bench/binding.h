// SPDX-License-Identifier: Apache-2.0
// Binds threads of a benchmark to CPUs: else two of them may share one.
#pragma once

#include <sched.h>

namespace vipfwd::bench {

// Binds this thread to the first or the last CPU that it may use, for as long as the object lives.
class Binding {
  public:
    enum class To { kFirst, kLast };

    explicit Binding(To to) {
        sched_getaffinity(0, sizeof before_, &before_);
        int chosen = -1;
        for (int i = 0; i < CPU_SETSIZE; ++i) {
            if (CPU_ISSET(i, &before_) && (chosen < 0 || to == To::kLast))
                chosen = i;
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(chosen, &one);
        sched_setaffinity(0, sizeof one, &one);
    }
    ~Binding() { sched_setaffinity(0, sizeof before_, &before_); }
    Binding(const Binding&) = delete;
    Binding& operator=(const Binding&) = delete;

  private:
    cpu_set_t before_;
};

}  // namespace vipfwd::bench
