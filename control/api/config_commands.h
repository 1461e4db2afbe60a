// SPDX-License-Identifier: Apache-2.0
// The responses to `config check` and `config apply`.
#pragma once

#include <string>
#include <vector>

#include "control/config/diagnostic.h"
#include "control/plan/plan.h"
#include "control/protocol/message.h"

namespace vipfwd::api {

// {"path", "warnings": [TEXT]}; if one of the diagnostics is an error, a rejection with all of them
// as details.
protocol::Response check_response(const std::string& path,
                                  const std::vector<config::Diagnostic>& diagnostics);

// {"path", "warnings": [TEXT], "applied": BOOL, "changes": [TEXT], "waiting": [TEXT], "losses":
// [TEXT]}: see plan::Plan. A rejection, with the reasons as details, if the file has an error, or
// takes service or connections away and was not forced.
protocol::Response apply_response(const std::string& path, const plan::Outcome& outcome,
                                  plan::Mode mode);

}  // namespace vipfwd::api
