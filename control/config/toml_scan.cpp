// SPDX-License-Identifier: Apache-2.0
#include "control/config/toml_scan.h"

#include <algorithm>
#include <cstdint>

namespace vipfwd::config {
namespace {

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

bool has_three(std::string_view text, std::size_t at, char quote) {
    return text.substr(at, 3) == (quote == '"' ? R"(""")" : "'''");
}

// `at` is the position after the opening quotes; returns the position after the closing quotes. Up
// to two further quotes may follow the first three: they belong to the string.
std::size_t end_of_multi_line_string(std::string_view text, std::size_t at, char quote) {
    while (at < text.size()) {
        if (quote == '"' && text[at] == '\\') {
            at += 2;
        } else if (has_three(text, at, quote)) {
            at += 3;
            for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more)
                ++at;
            return at;
        } else {
            ++at;
        }
    }
    return text.size();
}

}  // namespace

Location location_of(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto characters = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start),
                                          before.end(), begins_character);
    return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(characters + 1)};
}

std::size_t offset_of(std::string_view text, Location where) {
    std::size_t at = 0;
    for (std::uint32_t line = 1; line < where.line; ++line) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string_view::npos)
            return text.size();
        at = end + 1;
    }
    for (std::uint32_t column = 1; column < where.column && at < text.size(); ++column) {
        do
            ++at;
        while (at < text.size() && !begins_character(text[at]));
    }
    return at;
}

std::size_t end_of_comment(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    if (has_three(text, at, quote))
        return end_of_multi_line_string(text, at + 3, quote);
    for (++at; at < text.size() && text[at] != '\n'; ++at) {
        if (text[at] == quote)
            return at + 1;
        if (quote == '"' && text[at] == '\\')
            ++at;
    }
    return std::min(at, text.size());
}

}  // namespace vipfwd::config
