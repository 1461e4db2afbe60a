// SPDX-License-Identifier: Apache-2.0
// Walks over TOML text that need not be valid: where strings and comments end, and at which line
// and column an offset is. Offsets are in bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "control/config/diagnostic.h"

namespace vipfwd::config {

Location location_of(std::string_view text, std::size_t at);
// The offset of a place; the end of the text for one beyond it.
std::size_t offset_of(std::string_view text, Location where);

// `at` is the offset of a '#'. The offset of the end of its line.
std::size_t end_of_comment(std::string_view text, std::size_t at);

// `at` is the offset of the opening quote, single or double. The offset after the closing quotes.
// An unterminated string ends at the end of its line, where the parser will report it; one of
// several lines at the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t at);

}  // namespace vipfwd::config
