// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace vipfwd::api {

// Keys stay in the order in which they are written, so that people can read it too.
using Json = nlohmann::ordered_json;

}  // namespace vipfwd::api
