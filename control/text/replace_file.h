// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "dataplane/abi/result.h"

namespace vipfwd::text {

// Gives the file that content, or leaves it as it was: also if the power fails meanwhile. Only its
// owner may read it. Waits for the disk. One thread at a time may replace a file.
Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace vipfwd::text
