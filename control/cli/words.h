// SPDX-License-Identifier: Apache-2.0
// What is wrong with a command line that names no command.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vipfwd::cli {

// The first of `words`, which are the command line without options, that is not part of a command's
// name, with a suggestion; or which words may follow. Empty if they begin with a command.
std::string explain_words(std::span<const std::string_view> words);

}  // namespace vipfwd::cli
