// SPDX-License-Identifier: Apache-2.0
// The words and JSON forms of values that several views show.
#pragma once

#include <cstdint>
#include <string>

#include "control/config/choice.h"
#include "control/health/probe.h"
#include "control/health/rise_fall.h"
#include "control/protocol/json.h"
#include "control/view/health.h"
#include "control/view/in_force.h"

namespace vipfwd::api {

using config::word;
std::string_view word(net::HopState state);
std::string_view word(view::Health::Verdict verdict);
std::string_view word(health::Verdict verdict);  // of a backend: "up", "down", "unknown"
std::string_view word(health::ProbeResult::Kind result);
std::string_view word(abi::BackendAdmin admin);
std::string_view word(abi::BackendHealth health);

// "80", "8000-8099" or "any".
std::string port_range(std::uint16_t first, std::uint16_t last);

// {"resolved", "mac", "port", "state"}; "mac" and "port" are null while not resolved.
Json to_json(const view::NextHop& hop);

// Null if `text` is empty.
Json text_or_null(const std::string& text);

// Null if there is no value.
template <typename T>
Json value_or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

}  // namespace vipfwd::api
