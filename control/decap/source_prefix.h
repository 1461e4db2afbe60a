// SPDX-License-Identifier: Apache-2.0
// The networks that gateways may send tunnels from.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/abi/address.h"

namespace vipfwd::decap {

struct SourcePrefix {
    IpAddress network;         // no bit set behind the prefix
    std::uint32_t length = 0;  // bits of the address as written: 0..32 or 0..128

    friend auto operator<=>(const SourcePrefix&, const SourcePrefix&) = default;
};

// "10.0.0.0/24", "fd00::/64", or an address, which is a network of its own. Bits behind the prefix
// are cleared. Nothing for anything else.
std::optional<SourcePrefix> parse_source_prefix(std::string_view text);

// The same form; a network of one address without its length.
std::string to_string(const SourcePrefix& prefix);

}  // namespace vipfwd::decap
