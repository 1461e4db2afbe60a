// SPDX-License-Identifier: Apache-2.0
// Parses TOML text into a draft: checks syntax, keys, types, and each value by itself.
#pragma once

#include <optional>
#include <string_view>

#include "control/config/draft.h"
#include "control/config/known_keys.h"
#include "control/config/report.h"

namespace vipfwd::config {

// All values that could be read; nullopt if `text` is not TOML, whose parser stops at the first
// error. Adds the keys of all tables that `text` has to `known_keys`, if given.
std::optional<Draft> parse(std::string_view text, Report& report, KnownKeys* known_keys = nullptr);

}  // namespace vipfwd::config
