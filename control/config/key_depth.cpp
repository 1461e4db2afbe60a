// SPDX-License-Identifier: Apache-2.0
#include "control/config/key_depth.h"

#include <algorithm>

namespace vipfwd::config {
namespace {

Location location_of(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const auto characters =
        std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_start), before.end(),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(characters + 1)};
}

bool has_three(std::string_view text, std::size_t at, char quote) {
    return text.substr(at, 3) == (quote == '"' ? R"(""")" : "'''");
}

std::size_t end_of_comment(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
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

// An unterminated string ends at the end of its line, where the parser will report it.
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
    return at;
}

}  // namespace

std::optional<Location> find_deep_key(std::string_view text) {
    std::size_t parts = 1;
    std::size_t at = 0;
    while (at < text.size()) {
        switch (text[at]) {
            case '#':
                at = end_of_comment(text, at);
                continue;
            case '"':
            case '\'':
                at = end_of_string(text, at);
                continue;
            case '.':
                if (++parts > kMaxKeyParts)
                    return location_of(text, at);
                break;
            case '\n':
            case '=':
            case ',':
            case '[':
            case ']':
            case '{':
            case '}':
                parts = 1;
                break;
            default:
                break;
        }
        ++at;
    }
    return std::nullopt;
}

}  // namespace vipfwd::config
