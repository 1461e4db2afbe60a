// SPDX-License-Identifier: Apache-2.0
// Reads the passwords by which checks log in from `password_file`.
#pragma once

#include <string>

#include "control/config/draft.h"
#include "control/config/report.h"

namespace vipfwd::config {

// Sets the passwords of all checks that name files. `config_path` as in read_seed().
void read_check_passwords(Draft& draft, const std::string& config_path, Report& report);

}  // namespace vipfwd::config
