// SPDX-License-Identifier: Apache-2.0
// Reads the key of all hashes from `seed_file`.
#pragma once

#include <string>
#include <string_view>

#include "control/config/draft.h"
#include "control/config/report.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::config {

// The key for a seed file with this content: two checksums of it (abi::checksum), in independent
// streams. Every byte counts, including a newline at the end.
abi::HashKey key_of_seed(std::string_view content);

// Sets the key from the seed file, if one is configured. `config_path` is the configuration's path.
void read_seed(GatewayDraft& gateway, const std::string& config_path, Report& report);

}  // namespace vipfwd::config
