// SPDX-License-Identifier: Apache-2.0
#include "control/config/seed.h"

#include <span>

#include "control/config/secret.h"

namespace vipfwd::config {

abi::HashKey key_of_seed(std::string_view content) {
    const auto bytes = std::as_bytes(std::span(content));
    return {{abi::checksum(bytes, abi::kHashOdd1), abi::checksum(bytes, abi::kHashOdd2)}};
}

void read_seed(GatewayDraft& draft, const std::string& config_path, Report& report) {
    if (!draft.at.seed_file.is_set())
        return;
    if (const auto bytes = read_secret("seed_file", draft.gateway.seed_file, draft.at.seed_file,
                                       config_path, report))
        draft.gateway.key = key_of_seed(*bytes);
}

}  // namespace vipfwd::config
