// SPDX-License-Identifier: Apache-2.0
// `config check` and `config apply`: diagnostics as an answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/api/protocol.h"
#include "control/config/diagnostic.h"

namespace vipfwd::api {

// {"path", "warnings": [TEXT]}; a rejection, with all diagnostics as details, if one is an error.
// `consequence` ends the rejection: "; nothing is changed".
Response config_response(const std::string& path,
                         const std::vector<config::Diagnostic>& diagnostics,
                         std::string_view consequence);

}  // namespace vipfwd::api
