// SPDX-License-Identifier: Apache-2.0
// Lists of sentences for the operator, and of names in them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vipfwd::plan {

using Lines = std::vector<std::string>;

inline constexpr std::size_t kMaxLines = 100;
inline constexpr std::size_t kMaxNames = 5;  // in one line

// Leaves at most kMaxLines lines, of which the last one counts the rest.
void cut(Lines& lines);

// "a, b, c, d, e and 12 more"
std::string some_of(const Lines& names);

}  // namespace vipfwd::plan
