// SPDX-License-Identifier: Apache-2.0
#include "control/config/auth_key.h"

#include <optional>
#include <span>
#include <string_view>

#include "control/config/secret.h"

namespace vipfwd::config {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::optional<abi::HmacKey> read_key(std::string_view key, const std::string& file, Location where,
                                     const std::string& config_path, Report& report) {
    if (!where.somewhere())
        return std::nullopt;
    const auto secret = read_secret(key, file, where, config_path, report);
    if (!secret)
        return std::nullopt;
    const std::optional<abi::HmacKey> made = abi::hmac_key(bytes_of(*secret));
    if (!made)
        report.error(
            where,
            "{}: libcrypto has no HMAC-SHA256; its configuration (openssl.cnf) must allow it", key);
    return made;
}

}  // namespace

void read_auth_keys(Draft& draft, const std::string& config_path, Report& report) {
    for (GroupDraft& group : draft.groups) {
        Group& made = group.group;
        made.auth_key = read_key("auth_key_file", made.auth_key_file, group.at.auth_key_file,
                                 config_path, report);
        made.auth_second_key = read_key("auth_second_key_file", made.auth_second_key_file,
                                        group.at.auth_second_key_file, config_path, report);
    }
}

}  // namespace vipfwd::config
