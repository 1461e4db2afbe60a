// SPDX-License-Identifier: Apache-2.0
// Reads the keys that authenticate a group's adverts from `auth_key_file` and
// `auth_second_key_file`.
#pragma once

#include <string>

#include "control/config/draft.h"
#include "control/config/report.h"

namespace vipfwd::config {

// Sets the keys of all groups that name files. `config_path` as in read_seed().
void read_auth_keys(Draft& draft, const std::string& config_path, Report& report);

}  // namespace vipfwd::config
