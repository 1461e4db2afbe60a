// SPDX-License-Identifier: Apache-2.0
// Counts the flows that name given backends, in rounds of the workers' census. One round counts up
// to abi::kMaxWatchedBackends keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "control/table/unnamed_indices.h"

namespace vipfwd::table {

// Flows by abi::WatchedBackends::key(), of all workers. A TCP flow counts until it is forgotten,
// which is some time after its connection ended. Services that share a flow class may have flows
// counted for each other. So `counted` has the most that it can be, of flows that are pinned.
struct FlowCounts {
    std::unordered_map<std::uint32_t, std::uint64_t> counted = {};
    std::unordered_map<std::uint32_t, std::uint64_t> at_least = {};  // in a round that was not done

    friend bool operator==(const FlowCounts&, const FlowCounts&) = default;
};

// What the census has counted by the first `count` keys that were requested, in their order.
// nullopt: it is not done.
std::optional<std::vector<std::uint64_t>> read_watched(const Census& census, std::size_t count);

class FlowCounting {
  public:
    // Of equal keys, one is counted.
    explicit FlowCounting(const std::vector<std::uint32_t>& keys);

    // The keys to be counted next; empty: all are counted.
    std::span<const std::uint32_t> next_round() const;
    // Takes what a round for next_round() has found. A key that no flow names needs no further
    // round. False: the round is not done.
    bool take(const Census& census);
    // Takes what a round for next_round() has found so far, because it takes too long.
    void take_unfinished(const Census& census);
    const FlowCounts& counts() const { return counts_; }

  private:
    std::vector<std::uint32_t> left_;  // not counted yet
    FlowCounts counts_;
};

}  // namespace vipfwd::table
