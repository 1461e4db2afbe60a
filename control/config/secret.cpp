// SPDX-License-Identifier: Apache-2.0
#include "control/config/secret.h"

#include <filesystem>

#include "control/text/quote.h"
#include "control/text/read_file.h"

namespace vipfwd::config {
namespace {

constexpr std::size_t kMaxSecretBytes = std::size_t{1} << 20;

}  // namespace

std::string secret_path(const std::string& file, const std::string& config_path) {
    return (std::filesystem::path(config_path).parent_path() / file).string();
}

std::optional<std::string> read_secret_file(std::string_view key, const std::string& file,
                                            Location where, const std::string& config_path,
                                            Report& report) {
    const std::string path = secret_path(file, config_path);
    Result<text::FileContent> content = text::read_file(path, kMaxSecretBytes);
    if (!content) {
        report.error(where, "{} {}: {}", key, text::quote(path), content.error().message);
        return std::nullopt;
    }
    if (!content->is_private)
        report.warning(where, "{} {} is a secret that other users may read; chmod it to 0600", key,
                       text::quote(path));
    return std::move(content->bytes);
}

std::optional<std::string> read_secret(std::string_view key, const std::string& file,
                                       Location where, const std::string& config_path,
                                       Report& report) {
    auto secret = read_secret_file(key, file, where, config_path, report);
    if (secret && secret->size() < kMinSecretBytes) {
        report.error(where,
                     "{} {} has {} bytes; write at least {} random ones, the same on all gateways "
                     "of a group",
                     key, text::quote(secret_path(file, config_path)), secret->size(),
                     kMinSecretBytes);
        return std::nullopt;
    }
    return secret;
}

}  // namespace vipfwd::config
