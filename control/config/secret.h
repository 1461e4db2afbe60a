// SPDX-License-Identifier: Apache-2.0
// Reads a secret from the file that a key of the configuration names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/config/diagnostic.h"
#include "control/config/report.h"

namespace vipfwd::config {

inline constexpr std::size_t kMinSecretBytes = 16;

// Where a secret's file is: a relative `file` starts from the directory of `config_path`.
std::string secret_path(const std::string& file, const std::string& config_path);

// All bytes of the file, including a newline at the end. nullopt after an error, which is reported
// at `where`. A file that other users may read is warned about.
std::optional<std::string> read_secret_file(std::string_view key, const std::string& file,
                                            Location where, const std::string& config_path,
                                            Report& report);
// The same of a secret that gateways share, of kMinSecretBytes or more.
std::optional<std::string> read_secret(std::string_view key, const std::string& file,
                                       Location where, const std::string& config_path,
                                       Report& report);

}  // namespace vipfwd::config
