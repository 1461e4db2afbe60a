// SPDX-License-Identifier: Apache-2.0
#include "control/cli/indent_json.h"

#include <algorithm>
#include <cstddef>

namespace vipfwd::cli {
namespace {

// The end of the string that begins at `begin`, behind its closing quote.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
    std::size_t at = begin + 1;
    while (at < text.size() && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}

void break_line(std::string& to, std::size_t depth) {
    to += '\n';
    to.append(2 * depth, ' ');
}

}  // namespace

std::string indent_json(std::string_view compact) {
    std::string text;
    text.reserve(compact.size() + compact.size() / 2);
    std::size_t depth = 0;
    for (std::size_t i = 0; i < compact.size(); ++i) {
        const char c = compact[i];
        const bool is_empty =
            i + 1 < compact.size() && (compact[i + 1] == '}' || compact[i + 1] == ']');
        if (c == '"') {
            const std::size_t end = end_of_string(compact, i);
            text += compact.substr(i, end - i);
            i = end - 1;
        } else if ((c == '{' || c == '[') && is_empty) {
            text += compact.substr(i++, 2);
        } else if (c == '{' || c == '[') {
            text += c;
            break_line(text, ++depth);
        } else if (c == '}' || c == ']') {
            depth -= depth > 0 ? 1 : 0;
            break_line(text, depth);
            text += c;
        } else {
            text += c;
            if (c == ',')
                break_line(text, depth);
            else if (c == ':')
                text += ' ';
        }
    }
    return text;
}

}  // namespace vipfwd::cli
