// SPDX-License-Identifier: Apache-2.0
// A secret in a file of its own, named by a key of the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/config/diagnostic.h"
#include "control/config/report.h"

namespace vipfwd::config {

inline constexpr std::size_t kMinSecretBytes = 16;

// The file's bytes, all of them: a newline at the end is one, too. Nothing if that is reported as
// an error at `where`. A relative `file` starts from the directory of `config_path`.
std::optional<std::string> read_secret(std::string_view key, const std::string& file,
                                       Location where, const std::string& config_path,
                                       Report& report);

}  // namespace vipfwd::config
