// SPDX-License-Identifier: Apache-2.0
// The response to `config check` and `config apply`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/protocol/message.h"

namespace vipfwd::api {

// {"path", "warnings": [TEXT]}; if one of the diagnostics is an error, a rejection with all of them
// as details. `consequence` is appended to the rejection's error: "; nothing is changed".
protocol::Response config_response(const std::string& path,
                                   const std::vector<config::Diagnostic>& diagnostics,
                                   std::string_view consequence);

}  // namespace vipfwd::api
