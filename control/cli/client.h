// SPDX-License-Identifier: Apache-2.0
// Sends one request to vipfwd-control and receives the response.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "control/protocol/message.h"
#include "dataplane/abi/result.h"

namespace vipfwd::cli {

// Sends `request` to the control that listens at `socket_path`, and returns the line that it
// responds. An error if control cannot be reached or does not respond in time.
Result<std::string> ask_for_line(const std::string& socket_path, const protocol::Request& request,
                                 std::chrono::milliseconds timeout);

// The response in a line from `socket_path`. An error if it is not a response.
Result<protocol::Response> read_response(const std::string& socket_path, std::string_view line);

// Both.
Result<protocol::Response> ask(const std::string& socket_path, const protocol::Request& request,
                               std::chrono::milliseconds timeout);

}  // namespace vipfwd::cli
