// SPDX-License-Identifier: Apache-2.0
// The keys that the parser reads: for a test that configs/example.toml documents every one of them.
#pragma once

#include <map>
#include <set>
#include <string_view>

namespace vipfwd::config {

// By the name of their table, such as "[[port]]". All texts are literals.
using KnownKeys = std::map<std::string_view, std::set<std::string_view>>;

}  // namespace vipfwd::config
