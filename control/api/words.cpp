// SPDX-License-Identifier: Apache-2.0
#include "control/api/words.h"

namespace vipfwd::api {

std::string port_range(std::uint16_t first, std::uint16_t last) {
    if (first == 0 && last == 65535)
        return "any";
    if (first == last)
        return std::to_string(first);
    return std::to_string(first) + "-" + std::to_string(last);
}

}  // namespace vipfwd::api
