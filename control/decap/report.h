// SPDX-License-Identifier: Apache-2.0
// The decapsulator's state as people and programs read it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "control/decap/status.h"

namespace vipfwd::decap {

std::string_view name(bpf::XdpMode mode);
std::string list(std::span<const IpAddress> addresses);  // "10.0.0.1, 10.0.0.2"

// Both end with a newline.
std::string as_text(std::span<const InterfaceStatus> interfaces);
std::string as_json(std::span<const InterfaceStatus> interfaces);

}  // namespace vipfwd::decap
