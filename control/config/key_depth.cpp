// SPDX-License-Identifier: Apache-2.0
#include "control/config/key_depth.h"

#include "control/config/toml_scan.h"

namespace vipfwd::config {

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
