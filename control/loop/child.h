// SPDX-License-Identifier: Apache-2.0
// Runs a program as a child process of the loop, without blocking it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd {

// How a program ended.
struct ChildEnd {
    // Empty if its exit status was 0. Otherwise "exit status 3", "killed by signal 9", "no answer
    // within 1000 ms", "cannot be started: No such file or directory".
    std::string failure;
    // False if this process or the machine had no descriptors, memory or processes left: that says
    // nothing about the program.
    bool was_run = true;
    // The first kMaxOutputBytes that it has written to its standard output, if that is captured.
    std::string output = {};
};

class Child {
  public:
    using OnEnd = std::function<void(const ChildEnd& end)>;

    // `on_end` is called from the loop, once per start().
    Child(Loop& loop, OnEnd on_end);
    // Kills the program if it is running.
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    enum class Output { kDiscard, kCapture };

    static constexpr std::size_t kMaxOutputBytes = 256;

    // `words` are the program, which is searched in PATH if it has no '/', and its arguments. Its
    // standard streams are /dev/null, but for output that is captured. It gets a process group of
    // its own, which is killed as a whole when the program ends or the time is up. Requires that no
    // program is running.
    void start(const std::vector<std::string>& words, std::int64_t timeout_ms,
               Output output = Output::kDiscard);
    bool running() const { return pid_ != 0; }
    pid_t pid() const { return pid_; }  // 0: no program is running

  private:
    void on_exit();
    void on_timeout();
    void read_output();
    void end(ChildEnd end);
    int kill_and_reap();

    Loop& loop_;
    OnEnd on_end_;
    pid_t pid_ = 0;
    abi::Fd process_;  // a pidfd
    std::unique_ptr<FdWatch> watch_;
    abi::Fd pipe_;  // with the captured output; empty: there is none, or its end was read
    std::unique_ptr<FdWatch> output_watch_;
    std::string output_;
    Timer timeout_;
    std::int64_t timeout_ms_ = 0;
    std::optional<ChildEnd> not_started_;  // if start() failed
};

}  // namespace vipfwd
