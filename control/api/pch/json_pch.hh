// SPDX-License-Identifier: Apache-2.0
// Compiled once instead of once a view: most of a view's compile time.
#include <nlohmann/json.hpp>
