// SPDX-License-Identifier: Apache-2.0
// By what packets leave through an interface: its number and its MAC address.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/abi/address.h"

namespace vipfwd::net {

struct InterfaceIdentity {
    std::uint32_t number = 0;
    MacAddress mac = {};
};

// nullopt: there is no such interface (any more).
std::optional<InterfaceIdentity> identify_interface(const std::string& name);

}  // namespace vipfwd::net
