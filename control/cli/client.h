// SPDX-License-Identifier: Apache-2.0
// One request to vipfwd-control, and its answer.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "control/cli/json.h"
#include "dataplane/abi/result.h"

namespace vipfwd::cli {

struct Answer {
    bool ok = false;
    Json result;                       // if ok
    std::string error;                 // if not: one line
    std::vector<std::string> details;  // if not: any further lines
};

// Asks the control that listens at `socket_path`. An error if it cannot be reached, does not answer
// in time, or answers what is no answer.
Result<Answer> ask(const std::string& socket_path, const std::string& command,
                   const Json& arguments, std::chrono::milliseconds timeout);

}  // namespace vipfwd::cli
