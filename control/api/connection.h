// SPDX-License-Identifier: Apache-2.0
// One client: a line in, a line out, one at a time. Nothing it does or fails to do holds up the
// loop, and what is kept for it is bounded: no request is read while an answer waits to be sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "control/api/line_buffer.h"
#include "control/loop/loop.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::api {

class Connection {
  public:
    struct Events {
        // The answer to a request, with its newline.
        std::function<std::string(std::string_view line)> request;
        // The answer to a request beyond the limit; it is the last one.
        std::function<std::string()> overlong;
        // It is over; may destroy the connection.
        std::function<void()> over;
    };

    // `idle_timeout_ms` is how long a whole request may take to arrive, and a reader pause.
    Connection(Loop& loop, abi::Fd socket, std::size_t request_limit_bytes,
               std::int64_t idle_timeout_ms, Events events);

    // When a request last was complete, or a part of an answer taken.
    std::chrono::steady_clock::time_point active_at() const { return active_at_; }
    // Of an answer, that the client has not taken yet.
    std::size_t unsent_bytes() const { return output_.size() - sent_; }

  private:
    void proceed();
    bool advance();
    bool receive();
    bool send();
    void begin_answer(std::string answer);
    void mark_active();
    void watch(FdWatch::Ready ready);

    Loop& loop_;
    abi::Fd socket_;
    std::int64_t idle_timeout_ms_;
    Events events_;
    LineBuffer input_;
    std::string output_;
    std::size_t sent_ = 0;
    bool is_last_answer_ = false;
    std::chrono::steady_clock::time_point active_at_;
    Timer idle_timer_;
    std::optional<FdWatch> watch_;
    FdWatch::Ready watched_ = FdWatch::Ready::kReadable;
};

}  // namespace vipfwd::api
