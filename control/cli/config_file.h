// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "dataplane/abi/result.h"

namespace vipfwd::cli {

// The text of a configuration file, read with the rights of vipctl's user. The error says what is
// wrong where: "new.toml:3:7: not UTF-8".
Result<std::string> read_config(const std::string& path);

}  // namespace vipfwd::cli
