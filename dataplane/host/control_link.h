// SPDX-License-Identifier: Apache-2.0
// The dataplane's end of the handover socket (abi/handover.h). Control may come and go: the link
// keeps trying to connect. Only a process of root or of the dataplane's own user is control.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::host {

class ControlLink {
  public:
    // `answer_within` is how long control may take to answer hello: then another attempt is made.
    explicit ControlLink(const std::string& run_directory,
                         std::chrono::milliseconds answer_within = std::chrono::seconds(10));

    // Connects if there is no connection and the next attempt is due. Then sends hello, with the
    // region `region_fd` (-1: none yet). Gives up a connection on which hello was not answered.
    // Call it often; never blocks.
    void keep_connected(int region_fd);

    // Waits until control has sent something or the descriptor `other` (-1: none) is readable, at
    // most `longest`.
    void wait(std::chrono::microseconds longest, int other = -1) const;

    // Receives messages. Returns the region that control wants to be used, if control has answered
    // hello. Other messages need no reaction: they only end wait(), so that the caller reads the
    // region.
    std::optional<abi::Fd> take_region();

    bool connected() const { return static_cast<bool>(socket_); }
    // Sends a message, with a copy of `fd` unless it is -1, if control has answered hello. Best
    // effort.
    void send(abi::MessageKind kind, std::uint64_t generation = 0, const std::string& text = {},
              int fd = -1);
    // Closes the connection because of an error, logs the error unless it is the same as the last
    // one, and connects again after a second.
    void drop(const std::string& why);

  private:
    using Clock = std::chrono::steady_clock;

    void connect(int region_fd);
    void handle_eof();
    void disconnect(std::chrono::milliseconds pause);

    std::string path_;
    std::chrono::milliseconds answer_within_;
    abi::Fd socket_;
    Clock::time_point answer_by_{};  // of hello
    bool greeted_ = false;           // control has answered hello on this connection
    bool waiting_ = false;           // "waiting for control" has been logged
    std::string last_error_;         // the last one logged
    Clock::time_point next_try_{};
};

}  // namespace vipfwd::host
