// SPDX-License-Identifier: Apache-2.0
#include "control/config/seed.h"

#include <filesystem>
#include <span>

#include "control/config/file.h"
#include "control/config/text.h"

namespace vipfwd::config {
namespace {

constexpr std::size_t kMaxSeedBytes = std::size_t{1} << 20;

std::string resolve(const std::string& seed_file, const std::string& config_path) {
    return (std::filesystem::path(config_path).parent_path() / seed_file).string();
}

}  // namespace

abi::HashKey key_of_seed(std::string_view content) {
    const auto bytes = std::as_bytes(std::span(content));
    return {{abi::checksum(bytes, abi::kHashOdd1), abi::checksum(bytes, abi::kHashOdd2)}};
}

void read_seed(GatewayDraft& draft, const std::string& config_path, Report& report) {
    const Location where = draft.at.seed_file;
    if (!where.somewhere())
        return;
    const std::string path = resolve(draft.gateway.seed_file, config_path);
    const Result<FileContent> file = read_file(path, kMaxSeedBytes);
    if (!file) {
        report.error(where, "seed_file {}: {}", quote(path), file.error().message);
        return;
    }
    const std::string& bytes = file.value().bytes;
    if (bytes.size() < kMinSeedBytes) {
        report.error(where,
                     "seed_file {} has {} bytes; write at least {} random ones, the same on all "
                     "gateways of a group",
                     quote(path), bytes.size(), kMinSeedBytes);
        return;
    }
    if (!file.value().is_private)
        report.warning(where, "seed_file {} is a secret that others may read; chmod it to 0600",
                       quote(path));
    draft.gateway.key = key_of_seed(bytes);
}

}  // namespace vipfwd::config
