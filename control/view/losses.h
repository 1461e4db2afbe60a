// SPDX-License-Identifier: Apache-2.0
// Packets that were lost because of the gateway or the network behind it. What senders cause, such
// as malformed packets, does not count.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "dataplane/abi/counters.h"
#include "dataplane/abi/drop_reason.h"

namespace vipfwd::view {

// Totals since the region exists.
struct LossCounts {
    std::uint64_t received = 0;  // packets, by the workers
    std::uint64_t missed = 0;    // packets that a port had no room for
    std::array<std::uint64_t, abi::kDropReasonCount> dropped{};  // by DropReason
};

LossCounts count_losses(const abi::DataplaneStatus& status);

// Says which packets were lost between two moments, if they are at least 1 % of those that arrived,
// and 100. Empty: not so many.
std::string describe_losses(const LossCounts& before, const LossCounts& now);

}  // namespace vipfwd::view
