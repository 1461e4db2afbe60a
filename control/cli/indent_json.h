// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace vipfwd::cli {

// Indents JSON by two blanks a level, as Json::dump(2) does, without a tree of its values: results
// of many rows take a tenth of the time. `compact` is JSON without blanks between its parts; of
// anything else the result is not defined, but has no fewer bytes.
std::string indent_json(std::string_view compact);

}  // namespace vipfwd::cli
