// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace vipfwd::cli {

// Keys stay in the order in which control sends them.
using Json = nlohmann::ordered_json;

}  // namespace vipfwd::cli
