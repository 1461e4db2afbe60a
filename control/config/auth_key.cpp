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
    if (!where.is_set())
        return std::nullopt;
    const auto secret = read_secret(key, file, where, config_path, report);
    if (!secret)
        return std::nullopt;
    const std::optional<abi::HmacKey> hmac_key = abi::hmac_key(bytes_of(*secret));
    if (!hmac_key)
        report.error(
            where,
            "{}: libcrypto has no HMAC-SHA256; its configuration (openssl.cnf) must allow it", key);
    return hmac_key;
}

}  // namespace

void read_auth_keys(Draft& draft, const std::string& config_path, Report& report) {
    for (GroupDraft& in_file : draft.groups) {
        Group& group = in_file.group;
        group.auth_key = read_key("auth_key_file", group.auth_key_file, in_file.at.auth_key_file,
                                  config_path, report);
        group.auth_second_key = read_key("auth_second_key_file", group.auth_second_key_file,
                                         in_file.at.auth_second_key_file, config_path, report);
    }
}

}  // namespace vipfwd::config
