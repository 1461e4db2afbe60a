// SPDX-License-Identifier: Apache-2.0
// Control's event loop: a thin owner of libevent's. Only the thread that calls run() may use it and
// its watches. A callback may destroy or re-arm any watch, including its own; it must not throw.
// The loop must outlive its watches. Constructors throw std::runtime_error if the system is out of
// memory or descriptors.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

struct event_base;

namespace vipfwd {

class Loop {
  public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs callbacks until stop(), even if nothing is watched. Can be called again afterwards.
    void run();
    // Makes run() return after the current callback. Called before run(), makes it return at once.
    void stop();
    // For libraries with events of their own (evhttp).
    event_base* base() const { return base_; }

  private:
    event_base* base_;
    bool stopping_ = false;
};

// The base of all watches: owns one libevent event, which no longer fires after its owner is
// destroyed.
class Watch {
  public:
    Watch(Watch&& other) noexcept = default;
    Watch& operator=(Watch&& other) noexcept;
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

  protected:
    Watch(Loop& loop, int fd_or_signal, int events, std::function<void()> callback);
    ~Watch();
    void add();

    struct State;
    std::shared_ptr<State> state_;  // shared with a callback that is running
};

// Calls back, level-triggered, while `fd` is readable (or writable); end of file and errors count,
// too. Destroy it before closing the fd.
class FdWatch : public Watch {
  public:
    enum class Ready { kReadable, kWritable };

    FdWatch(Loop& loop, int fd, Ready ready, std::function<void()> callback);
};

// Calls back when it is due, if armed. Times are CLOCK_MONOTONIC; delays count from the arming
// call.
class Timer : public Watch {
  public:
    Timer(Loop& loop, std::function<void()> callback);

    // Each call replaces the previous arming. A negative delay counts as zero.
    void fire_after(std::int64_t delay_ms);
    void fire_at(std::int64_t when_ns);  // rounded up to a microsecond
    void fire_every(std::int64_t period_ms);
    void cancel();
    bool armed() const;

  private:
    void arm(std::int64_t us, int events);
};

// Calls back from the loop, not from a signal handler. At most one watch per signal.
class SignalWatch : public Watch {
  public:
    SignalWatch(Loop& loop, int signal, std::function<void()> callback);
};

}  // namespace vipfwd
