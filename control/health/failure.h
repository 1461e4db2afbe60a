// SPDX-License-Identifier: Apache-2.0
// What it means for a probe, and how operators are told, that a socket failed or the time was up.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "control/config/model.h"
#include "control/health/probe.h"

namespace vipfwd::health {

// A time-out that is noticed later than this says more of this process than of the backend.
inline constexpr std::int64_t kMaxLateness_ms = 200;

// `error` is the errno of a call on a socket, or the socket's SO_ERROR.
ProbeResult result_of_error(int error);
// Nothing came until the deadline, which was `late_ns` ago.
ProbeResult result_of_timeout(const config::Check& check, bool is_connected, std::int64_t late_ns);

ProbeResult good();
ProbeResult failed(std::string reason);
// This process or machine lacks something: "not checked: REASON".
ProbeResult not_checked(std::string_view reason);

// The beginning of what a server sent: printable, valid UTF-8 and short.
std::string shorten_answer(std::string_view answer);
// The same in quotes.
std::string quote_answer(std::string_view answer);

}  // namespace vipfwd::health
