// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace vipfwd::text {

// Where the first byte stands that is not part of UTF-8 (RFC 3629); nullopt: all of it is UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace vipfwd::text
