// SPDX-License-Identifier: Apache-2.0
#include "control/text/utf8.h"

#include <cstdint>

namespace vipfwd::text {
namespace {

// The length of the character at the start of `text`; 0 if that is not UTF-8.
std::size_t character_bytes(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
    };
    const auto is_within = [&](std::size_t i, std::uint8_t first, std::uint8_t last) {
        return byte(i) >= first && byte(i) <= last;
    };
    const auto continues = [&](std::size_t i) { return is_within(i, 0x80, 0xbf); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80)
        return 1;
    if (is_within(0, 0xc2, 0xdf))
        return continues(1) ? 2 : 0;
    // The second byte excludes longer forms than needed, surrogates, and what is above U+10FFFF.
    if (is_within(0, 0xe0, 0xef)) {
        const bool second = is_within(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
        return second && continues(2) ? 3 : 0;
    }
    if (is_within(0, 0xf0, 0xf4)) {
        const bool second = is_within(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
        return second && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t bytes = character_bytes(text.substr(at));
        if (bytes == 0)
            return at;
        at += bytes;
    }
    return std::nullopt;
}

}  // namespace vipfwd::text
