// SPDX-License-Identifier: Apache-2.0
// Marks what valgrind's callgrind counts. scripts/bench.d/instructions.py runs core_bench under
// callgrind, which begins with neither instrumentation nor collection, and reads a dump for each
// case. Without valgrind these marks are no-ops.
#pragma once

#include <valgrind/callgrind.h>

#include <string>

namespace vipfwd::bench {

// Instruments the code while it lives: until then it runs at a fifth of its speed, and much slower
// from there on. At the end it dumps what was collected, under the case's name.
class Instrumented {
  public:
    explicit Instrumented(const std::string& name) : name_(name) {
        CALLGRIND_START_INSTRUMENTATION;
        CALLGRIND_ZERO_STATS;
    }
    ~Instrumented() {
        CALLGRIND_DUMP_STATS_AT(name_.c_str());
        CALLGRIND_STOP_INSTRUMENTATION;
    }
    Instrumented(const Instrumented&) = delete;
    Instrumented& operator=(const Instrumented&) = delete;

  private:
    const std::string& name_;
};

// Collects the thread's instructions while it lives, if the code is instrumented.
class Collecting {
  public:
    Collecting() { CALLGRIND_TOGGLE_COLLECT; }
    ~Collecting() { CALLGRIND_TOGGLE_COLLECT; }
    Collecting(const Collecting&) = delete;
    Collecting& operator=(const Collecting&) = delete;
};

}  // namespace vipfwd::bench
