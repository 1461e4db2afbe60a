// SPDX-License-Identifier: Apache-2.0
// One client of the server: receives request lines and sends a response line for each, one at a
// time. Never blocks the loop. Memory per client is bounded: no further request is read before the
// response to the last one is sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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
        // Calls `respond` with the response line to a request, with its newline: at once, or later
        // from the loop, even if the connection has ended by then.
        std::function<void(std::string line, std::function<void(std::string)> respond)> on_request;
        // Called when so many bytes of a request have arrived. Returns the response line to one
        // that is too long, after which the connection ends.
        std::function<std::optional<std::string>(std::size_t bytes)> reject_length;
        // The connection has ended. May destroy it.
        std::function<void()> on_end;
    };

    // `longest_request` is in bytes; reject_length enforces it. `idle_timeout_ms` bounds how long a
    // client may take to complete a request, and how long it may stop reading a response. A client
    // that waits for a response is not idle.
    Connection(Loop& loop, abi::Fd socket, std::size_t longest_request,
               std::int64_t idle_timeout_ms, Events events);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // When the client last completed a request, or read a part of a response.
    std::chrono::steady_clock::time_point active_at() const { return active_at_; }
    // Of the response that the client is reading.
    std::size_t unsent_bytes() const { return output_.size() - sent_; }
    // Of requests that have no response yet.
    std::size_t request_bytes() const { return input_.bytes() + awaited_bytes_; }

  private:
    void proceed();
    bool advance();
    bool receive();
    bool send();
    void request_response(std::string line);
    void respond(std::string line);
    void start_response(std::string line);
    void mark_active();
    void watch(FdWatch::Ready ready);

    Loop& loop_;
    abi::Fd socket_;
    std::int64_t idle_timeout_ms_;
    Events events_;
    LineBuffer input_;
    std::string output_;
    std::size_t sent_ = 0;
    bool is_last_response_ = false;
    bool awaits_response_ = false;
    std::size_t awaited_bytes_ = 0;  // of the request that awaits its response
    std::shared_ptr<Connection*> self_ = std::make_shared<Connection*>(this);  // for late responses
    std::chrono::steady_clock::time_point active_at_;
    Timer idle_timer_;
    std::optional<FdWatch> watch_;
    FdWatch::Ready watched_ = FdWatch::Ready::kReadable;
};

}  // namespace vipfwd::api
