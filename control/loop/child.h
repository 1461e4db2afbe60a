// SPDX-License-Identifier: Apache-2.0
// A program that the loop runs and waits for, without being held up.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd {

class Child {
  public:
    // Empty: it ended with exit status 0. Else "exit status 3", "killed by signal 9",
    // "no answer within 1000 ms", "cannot be started: No such file or directory".
    using OnEnd = std::function<void(const std::string& failure)>;

    // `on_end` is called from the loop, once for each start().
    Child(Loop& loop, OnEnd on_end);
    // Kills what still runs.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // `words` are the program, looked for in PATH if it has no '/', and its arguments. It reads
    // and writes /dev/null, in a process group of its own, which is killed as a whole when the
    // program ends or time is up. Only while none is running.
    void start(const std::vector<std::string>& words, std::int64_t timeout_ms);
    bool running() const { return pid_ != 0; }
    pid_t pid() const { return pid_; }  // 0: none runs

  private:
    void on_exit();
    void on_timeout();
    void end(const std::string& failure);
    int kill_and_reap();

    Loop& loop_;
    OnEnd on_end_;
    pid_t pid_ = 0;
    abi::Fd process_;  // a pidfd
    std::unique_ptr<FdWatch> watch_;
    Timer timeout_;
    std::int64_t timeout_ms_ = 0;
    std::string not_started_;  // why
};

}  // namespace vipfwd
