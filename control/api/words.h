// SPDX-License-Identifier: Apache-2.0
// How the configuration's terms are written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::api {

std::string_view word(abi::Protocol protocol);
std::string_view word(abi::Forward forward);
std::string_view word(abi::Affinity affinity);
std::string_view word(abi::Driver driver);

// "80", "8000-8099" or "any".
std::string port_range(std::uint16_t first, std::uint16_t last);

}  // namespace vipfwd::api
