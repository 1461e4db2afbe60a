// SPDX-License-Identifier: Apache-2.0
// Sends one request to vipfwd-control and receives the response.
#pragma once

#include <chrono>
#include <string>

#include "control/protocol/message.h"
#include "dataplane/abi/result.h"

namespace vipfwd::cli {

// Sends `request` to the control that listens at `socket_path`. An error if control cannot be
// reached, does not respond in time, or sends something that is not a response.
Result<protocol::Response> ask(const std::string& socket_path, const protocol::Request& request,
                               std::chrono::milliseconds timeout);

}  // namespace vipfwd::cli
