// SPDX-License-Identifier: Apache-2.0
#include "control/loop/loop.h"

#include <event2/event.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd {

namespace {

void require(bool ok, const char* what) {
    if (!ok)
        throw std::runtime_error(what);
}

}  // namespace

Loop::Loop() : base_(nullptr) {
    event_config* config = event_config_new();
    require(config != nullptr, "event loop: out of memory");
    // Delays count from the call that arms the timer, not from when the loop last woke up, and are
    // precise to the millisecond: the election depends on both.
    event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME | EVENT_BASE_FLAG_PRECISE_TIMER);
    base_ = event_base_new_with_config(config);
    event_config_free(config);
    require(base_ != nullptr, "event loop: no epoll descriptor");
}

Loop::~Loop() {
    event_base_free(base_);
}

void Loop::run() {
    if (!stopping_)
        event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY);
    stopping_ = false;
}

void Loop::stop() {
    stopping_ = true;
    event_base_loopbreak(base_);
}

struct Watch::State : std::enable_shared_from_this<Watch::State> {
    explicit State(std::function<void()> f) : callback(std::move(f)) {}
    ~State() {
        if (handle != nullptr)
            event_free(handle);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // The shared pointer keeps the callback and its captures alive while it runs.
    static void fire(evutil_socket_t, short, void* state) {
        const auto running = static_cast<State*>(state)->shared_from_this();
        running->callback();
    }

    event* handle = nullptr;
    std::function<void()> callback;
};

Watch::Watch(Loop& loop, int fd_or_signal, int events, std::function<void()> callback)
    : state_(std::make_shared<State>(std::move(callback))) {
    state_->handle =
        event_new(loop.base(), fd_or_signal, static_cast<short>(events), State::fire, state_.get());
    require(state_->handle != nullptr, "event loop: out of memory");
}

Watch::~Watch() {
    if (state_)
        event_del(state_->handle);
}

Watch& Watch::operator=(Watch&& other) noexcept {
    if (this == &other)
        return *this;
    if (state_)
        event_del(state_->handle);
    state_ = std::move(other.state_);
    return *this;
}

void Watch::add() {
    require(event_add(state_->handle, nullptr) == 0, "event loop: cannot watch this descriptor");
}

FdWatch::FdWatch(Loop& loop, int fd, Ready ready, std::function<void()> callback)
    : Watch(loop, fd, EV_PERSIST | (ready == Ready::kReadable ? EV_READ : EV_WRITE),
            std::move(callback)) {
    add();
}

Timer::Timer(Loop& loop, std::function<void()> callback)
    : Watch(loop, -1, EV_TIMEOUT, std::move(callback)) {}

void Timer::fire_after(std::int64_t delay_ms) {
    arm(delay_ms * 1000, EV_TIMEOUT);
}

// Rounded up: a callback that runs early would find that its deadline has not passed.
void Timer::fire_at(std::int64_t when_ns) {
    arm((when_ns - monotonic_ns() + 999) / 1000, EV_TIMEOUT);
}

void Timer::fire_every(std::int64_t period_ms) {
    arm(period_ms * 1000, EV_TIMEOUT | EV_PERSIST);
}

void Timer::arm(std::int64_t us, int events) {
    cancel();
    event_assign(state_->handle, event_get_base(state_->handle), -1, static_cast<short>(events),
                 State::fire, state_.get());
    const std::int64_t clamped_us = std::max<std::int64_t>(us, 0);
    const timeval due{clamped_us / 1'000'000, clamped_us % 1'000'000};
    require(event_add(state_->handle, &due) == 0, "event loop: cannot arm a timer");
}

void Timer::cancel() {
    event_del(state_->handle);
}

bool Timer::armed() const {
    return event_pending(state_->handle, EV_TIMEOUT, nullptr) != 0;
}

SignalWatch::SignalWatch(Loop& loop, int signal, std::function<void()> callback)
    : Watch(loop, signal, EV_SIGNAL | EV_PERSIST, std::move(callback)) {
    add();
}

}  // namespace vipfwd
