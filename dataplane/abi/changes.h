// SPDX-License-Identifier: Apache-2.0
// What of a copied generation is not as it was in the generation that was copied there before.
#pragma once

#include <bitset>
#include <cstdint>

#include "dataplane/abi/limits.h"

namespace vipfwd::abi {

inline constexpr std::uint32_t kBlockEntries = 64;  // that are compared and copied together

struct Changes {
    bool destinations = false;  // VIPs, services, or the key of hashes
    // By blocks of kBlockEntries. A backend that is gone has changed, too.
    std::bitset<kMaxBackends / kBlockEntries> backends;
};

static_assert(kMaxBackends % kBlockEntries == 0);

}  // namespace vipfwd::abi
