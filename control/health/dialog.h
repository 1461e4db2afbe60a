// SPDX-License-Identifier: Apache-2.0
// What a check says to a server, and how it judges the answers. Pure: a DialogProbe owns the socket
// and the time, and a dialog may be fed from a test or a fuzzer as well.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "control/health/probe.h"

namespace vipfwd::health {

// Why no more bytes follow.
enum class DialogEnd {
    kClosed,   // the server has closed the connection
    kTooLong,  // no more than kMaxAnswerBytes are read
    kTimeout,  // the time for the whole attempt is over
};

// However much a server sends: of all its answers together.
inline constexpr std::size_t kMaxAnswerBytes = 65536;

class Dialog {
  public:
    Dialog() = default;
    virtual ~Dialog() = default;
    Dialog(const Dialog&) = delete;
    Dialog& operator=(const Dialog&) = delete;

    // Begins. Returns what is sent first, which may be nothing. The result, if the dialog ends as
    // soon as that is sent, is that of judge_sent().
    virtual std::string begin() = 0;
    // Of a dialog that expects no answer; nullopt: it waits for one.
    virtual std::optional<ProbeResult> judge_sent() const { return std::nullopt; }
    // The server has sent `bytes`: any part of a stream that follows the parts before, or one
    // datagram. Appends what is sent next to `reply`. nullopt: the result needs more.
    virtual std::optional<ProbeResult> receive(std::string_view bytes, std::string& reply) = 0;
    // There is no result yet, and nothing more will be received. nullopt after a time-out: nothing
    // is known beyond that no answer has come.
    virtual std::optional<ProbeResult> judge_end(DialogEnd end) const = 0;
};

}  // namespace vipfwd::health
