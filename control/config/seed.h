// SPDX-License-Identifier: Apache-2.0
// The secret that keys the hashes, from `seed_file`.
#pragma once

#include <string>
#include <string_view>

#include "control/config/draft.h"
#include "control/config/report.h"
#include "dataplane/abi/hash.h"

namespace vipfwd::config {

// The key that a seed file of this content means: two checksums of it (abi::checksum), in
// streams of their own. Every byte counts, a newline at the end too.
abi::HashKey key_of_seed(std::string_view content);

// Sets the key from the seed file, if there is one. `config_path`: where the configuration lies.
void read_seed(GatewayDraft& gateway, const std::string& config_path, Report& report);

}  // namespace vipfwd::config
