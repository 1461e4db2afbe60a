// SPDX-License-Identifier: Apache-2.0
// The JSON type of control and vipctl.
#pragma once

#include <nlohmann/json.hpp>

namespace vipfwd {

// Objects keep their keys in insertion order, so that people can read them.
using Json = nlohmann::ordered_json;

}  // namespace vipfwd
