// SPDX-License-Identifier: Apache-2.0
#include "control/text/quote.h"

#include <fmt/format.h>

namespace vipfwd::text {
namespace {

constexpr std::size_t kMaxQuotedBytes = 80;

bool is_utf8_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// At most kMaxQuotedBytes of `text`; a multi-byte character is never split.
std::string_view cut(std::string_view text) {
    if (text.size() <= kMaxQuotedBytes)
        return text;
    std::size_t size = kMaxQuotedBytes;
    while (size > 0 && is_utf8_continuation(text[size]))
        --size;
    return text.substr(0, size);
}

}  // namespace

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (is_control(c))
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            result += c;
    }
    return result;
}

std::string quote(std::string_view text) {
    const std::string_view shown = cut(text);
    return fmt::format("'{}{}'", printable(shown), shown.size() < text.size() ? "..." : "");
}

}  // namespace vipfwd::text
