// SPDX-License-Identifier: Apache-2.0
// The differences that copy_changes() found between two generations.
#pragma once

#include <bitset>
#include <cstdint>

#include "dataplane/abi/limits.h"

namespace vipfwd::abi {

inline constexpr std::uint32_t kBlockEntries = 64;  // entries that are compared and copied together

struct Changes {
    bool destinations = false;  // VIPs, services, or the hash key
    // By block of kBlockEntries. A block with removed backends has changed, too.
    std::bitset<kMaxBackends / kBlockEntries> backends;
};

static_assert(kMaxBackends % kBlockEntries == 0);

}  // namespace vipfwd::abi
