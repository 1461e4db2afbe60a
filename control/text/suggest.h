// SPDX-License-Identifier: Apache-2.0
// Suggestions for misspelt words: "did you mean 'address'?"
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vipfwd::text {

// The number of edits (insert, delete, replace, swap neighbours) that turn `a` into `b`, ignoring
// case. Counts no further than `limit` + 1.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// The candidate that `written` is most likely a misspelling of; empty if none is near. Candidates
// are names and keys; candidates longer than 63 bytes are not considered.
std::string_view nearest(std::string_view written, std::span<const std::string_view> candidates);

// "; did you mean 'address'?", or "" if no candidate is near.
std::string suggestion(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace vipfwd::text
