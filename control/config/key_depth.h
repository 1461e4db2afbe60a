// SPDX-License-Identifier: Apache-2.0
// A guard before the TOML parser: toml++ 3.3 frees nested tables by recursion, so that a dotted key
// of a million parts would overflow the stack (it limits the depth of arrays and inline tables
// only).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "control/config/diagnostic.h"

namespace vipfwd::config {

// Ours have at most 3 ("pool.check.type").
inline constexpr std::size_t kMaxKeyParts = 16;

// Where a key (or a table's header) first exceeds kMaxKeyParts parts, if any does. `text` need not
// be valid TOML.
std::optional<Location> find_deep_key(std::string_view text);

}  // namespace vipfwd::config
