// SPDX-License-Identifier: Apache-2.0
// Limits the depth of dotted keys before the TOML parser runs: toml++ 3.3 frees nested tables
// recursively, and a dotted key of a million parts would overflow the stack. toml++ itself limits
// the depth of arrays and inline tables only.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "control/config/diagnostic.h"

namespace vipfwd::config {

// The configuration's keys have at most 3 parts ("pool.check.type").
inline constexpr std::size_t kMaxKeyParts = 16;

// The place of the first key or table header with more than kMaxKeyParts parts; nullopt if there is
// none. `text` need not be valid TOML.
std::optional<Location> find_deep_key(std::string_view text);

}  // namespace vipfwd::config
