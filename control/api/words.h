// SPDX-License-Identifier: Apache-2.0
// How the configuration's terms are written.
#pragma once

#include <cstdint>
#include <string>

#include "control/config/choice.h"

namespace vipfwd::api {

using config::word;

// "80", "8000-8099" or "any".
std::string port_range(std::uint16_t first, std::uint16_t last);

}  // namespace vipfwd::api
