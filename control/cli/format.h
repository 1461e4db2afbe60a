// SPDX-License-Identifier: Apache-2.0
// Formats the results of commands as text for people.
#pragma once

#include <string>

#include "control/cli/field.h"
#include "control/protocol/commands.h"
#include "control/protocol/json.h"

namespace vipfwd::cli {

// The result of `command`, ending in a newline.
std::string format(protocol::Command command, const Json& result, const Layout& layout);

std::string format_status(const Json& status, const Layout& layout);
std::string format_groups(const Json& groups, const Layout& layout);
std::string format_lookup(const Json& found, const Layout& layout);

}  // namespace vipfwd::cli
