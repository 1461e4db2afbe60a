// SPDX-License-Identifier: Apache-2.0
// A network from which gateways may send tunnels.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dataplane/abi/address.h"

namespace vipfwd::decap {

struct SourcePrefix {
    IpAddress network;         // no bits are set after the prefix
    std::uint32_t length = 0;  // in bits of the address's own family: 0..32 or 0..128

    friend auto operator<=>(const SourcePrefix&, const SourcePrefix&) = default;
};

// "10.0.0.0/24", "fd00::/64", or a single address. Bits after the prefix are cleared. nullopt for
// any other text.
std::optional<SourcePrefix> parse_source_prefix(std::string_view text);

// The same form; without the length for a network of one address.
std::string to_string(const SourcePrefix& prefix);

}  // namespace vipfwd::decap
