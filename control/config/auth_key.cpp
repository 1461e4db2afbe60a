// SPDX-License-Identifier: Apache-2.0
#include "control/config/auth_key.h"

#include <span>
#include <string_view>

#include "control/config/secret.h"

namespace vipfwd::config {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void read_auth_keys(Draft& draft, const std::string& config_path, Report& report) {
    for (GroupDraft& group : draft.groups) {
        const Location where = group.at.auth_key_file;
        if (!where.somewhere())
            continue;
        const auto secret =
            read_secret("auth_key_file", group.group.auth_key_file, where, config_path, report);
        if (!secret)
            continue;
        group.group.auth_key = abi::hmac_key(bytes_of(*secret));
        if (!group.group.auth_key)
            report.error(where,
                         "auth_key_file: libcrypto has no SHA-256; its configuration "
                         "(openssl.cnf) must allow it");
    }
}

}  // namespace vipfwd::config
