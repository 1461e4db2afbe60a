// SPDX-License-Identifier: Apache-2.0
// The dataplane's end of the handover socket. Control may come and go: this connects again, for
// ever.
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
    explicit ControlLink(const std::string& run_directory);

    // Connects, if it is not connected and it is time to try again; says hello, handing over the
    // region `region_fd` (-1: none yet).
    void maintain(int region_fd);

    // Waits for control, but not for long.
    void wait(std::chrono::milliseconds longest) const;

    // The region that control wants used: the answer to hello. All else that control says only
    // means that it is worth to look into the region.
    std::optional<abi::Fd> take_region();

    bool connected() const { return static_cast<bool>(socket_); }
    // Tells control, if it is there.
    void send(abi::MessageKind kind, std::uint64_t generation = 0, const std::string& text = {});
    // Ends a connection that makes no sense, with one line in the log, and tries again later.
    void drop(const std::string& why);

  private:
    using Clock = std::chrono::steady_clock;

    Result<abi::Fd> connect() const;
    void lose();
    void disconnect(std::chrono::milliseconds pause);

    std::string path_;
    abi::Fd socket_;
    bool greeted_ = false;   // control has answered this connection's hello
    bool waiting_ = false;   // that control is away is in the log
    std::string complaint_;  // the last one, not to be repeated
    Clock::time_point next_try_{};
};

}  // namespace vipfwd::host
