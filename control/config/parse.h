// SPDX-License-Identifier: Apache-2.0
// TOML text to a draft: syntax, keys, types, and what can be said of each value alone.
#pragma once

#include <optional>
#include <string_view>

#include "control/config/draft.h"
#include "control/config/report.h"

namespace vipfwd::config {

// Everything that could be read; nothing if `text` is no TOML (which stops at the first error).
std::optional<Draft> parse(std::string_view text, Report& report);

}  // namespace vipfwd::config
