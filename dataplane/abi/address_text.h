// SPDX-License-Identifier: Apache-2.0
// Addresses as people write them. Cold code only: these allocate.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dataplane/abi/address.h"

namespace vipfwd {

// "10.0.0.1" or "fd00::1"; nullopt for anything else, such as a zone, a prefix length or a port.
std::optional<IpAddress> parse_ip(std::string_view text);
std::string to_string(const IpAddress& address);

// "02:00:00:00:00:01", in upper or lower case; nullopt for anything else.
std::optional<MacAddress> parse_mac(std::string_view text);
std::string to_string(const MacAddress& mac);

}  // namespace vipfwd
