// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "control/view/source.h"
#include "dataplane/abi/drop_reason.h"

namespace vipfwd::view {

struct DropRow {
    abi::DropReason reason;
    std::uint64_t packets = 0;  // of all workers
};

// All drop reasons, the most frequent first.
std::vector<DropRow> drops(const Source& source);

}  // namespace vipfwd::view
