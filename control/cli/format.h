// SPDX-License-Identifier: Apache-2.0
// What control answers, as text for people.
#pragma once

#include <string>
#include <string_view>

#include "control/cli/json.h"

namespace vipfwd::cli {

// The result of `command` ("show status", "lookup", ...), ending in a newline.
std::string format(std::string_view command, const Json& result);

std::string format_status(const Json& status);
std::string format_groups(const Json& groups);
std::string format_lookup(const Json& found);

}  // namespace vipfwd::cli
