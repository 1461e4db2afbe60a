// SPDX-License-Identifier: Apache-2.0
// Control's one event loop, a thin owner around libevent's. Everything here belongs to the thread
// that calls run(). A callback may destroy or re-arm any watch, its own too; it must not throw. A
// loop outlives its watches. Constructors throw std::runtime_error if the system is out of memory
// or descriptors.
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

    // Runs callbacks until stop(), even while nothing is watched. Can be called again afterwards.
    void run();
    // Makes run() return after the current callback; before run(), makes it return at once.
    void stop();
    // For libraries with events of their own (evhttp).
    event_base* base() const { return base_; }

  private:
    event_base* base_;
    bool stopping_ = false;
};

// What all watches share: owns one event, which no longer fires once its owner is gone.
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

// Calls back as long as `fd` is readable (or writable, or at its end, or in error). Destroy it
// before closing the fd.
class FdWatch : public Watch {
  public:
    enum class Ready { kReadable, kWritable };

    FdWatch(Loop& loop, int fd, Ready ready, std::function<void()> callback);
};

// Calls back when armed and due. Time is CLOCK_MONOTONIC, counted from the arming call.
class Timer : public Watch {
  public:
    Timer(Loop& loop, std::function<void()> callback);

    // All replace what the timer was armed for. A delay below zero counts as zero.
    void fire_after(std::int64_t delay_ms);
    void fire_at(std::int64_t when_ns);  // to the microsecond
    void fire_every(std::int64_t period_ms);
    void cancel();
    bool armed() const;

  private:
    void arm(std::int64_t us, int events);
};

// Calls back in the loop, not in the signal's context. One watch a signal.
class SignalWatch : public Watch {
  public:
    SignalWatch(Loop& loop, int signal, std::function<void()> callback);
};

}  // namespace vipfwd
