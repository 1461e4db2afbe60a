// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "dataplane/abi/result.h"

namespace vipfwd::text {

// The size of a configuration file at most.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{64} << 20;

struct FileContent {
    std::string bytes;
    bool is_private = false;  // only its owner may read it
};

// The whole of a regular file of at most `max_bytes`. The error does not repeat the path.
Result<FileContent> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace vipfwd::text
