// SPDX-License-Identifier: Apache-2.0
// What packets that leave through an interface depend on: its number, MAC address and MTU.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/abi/address.h"

namespace vipfwd::net {

struct InterfaceIdentity {
    std::uint32_t number = 0;
    MacAddress mac = {};
    std::uint32_t mtu = 0;  // bytes
};

// nullopt: there is no such interface (any more).
std::optional<InterfaceIdentity> identify_interface(const std::string& name);

}  // namespace vipfwd::net
