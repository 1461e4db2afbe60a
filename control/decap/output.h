// SPDX-License-Identifier: Apache-2.0
// Formats the status of decapsulators, as text and as JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "control/decap/status.h"

namespace vipfwd::decap {

std::string_view name(bpf::XdpMode mode);

// "unwraps for 10.0.0.11; delivers to VIPs 10.0.0.100; GUE on UDP port 6080; from all sources"
std::string describe(const Settings& settings);

// Both end with a newline.
std::string as_text(std::span<const InterfaceStatus> interfaces);
std::string as_json(std::span<const InterfaceStatus> interfaces);

}  // namespace vipfwd::decap
