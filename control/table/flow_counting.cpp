// SPDX-License-Identifier: Apache-2.0
#include "control/table/flow_counting.h"

#include <algorithm>
#include <unordered_set>

#include "dataplane/abi/flow_census.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::table {
namespace {

bool names(const abi::FlowCensus& census, std::uint32_t key) {
    return census.names(static_cast<std::uint8_t>(key >> 16), static_cast<std::uint16_t>(key));
}

std::vector<std::uint64_t> sum_watched(const std::vector<const abi::FlowCensus*>& all,
                                       std::size_t count) {
    std::vector<std::uint64_t> flows(count);
    for (const abi::FlowCensus* one : all) {
        for (std::size_t i = 0; i < count; ++i)
            flows[i] += one->watched[i].read();
    }
    return flows;
}

}  // namespace

std::optional<std::vector<std::uint64_t>> read_watched(const Census& census, std::size_t count) {
    if (!census.is_done())
        return std::nullopt;
    const std::vector<const abi::FlowCensus*> all = censuses_of(*census.status);
    std::vector<std::uint64_t> flows = sum_watched(all, count);
    const bool is_valid = std::ranges::all_of(
        all, [&](const abi::FlowCensus* one) { return one->is_still_done(census.request); });
    return is_valid ? std::optional(std::move(flows)) : std::nullopt;
}

FlowCounting::FlowCounting(const std::vector<std::uint32_t>& keys) {
    std::unordered_set<std::uint32_t> seen;
    std::ranges::copy_if(keys, std::back_inserter(left_),
                         [&](std::uint32_t key) { return seen.insert(key).second; });
}

std::span<const std::uint32_t> FlowCounting::next_round() const {
    return std::span(left_).first(std::min<std::size_t>(left_.size(), abi::kMaxWatchedBackends));
}

bool FlowCounting::take(const Census& census) {
    const std::size_t count = next_round().size();
    const std::optional<std::vector<std::uint64_t>> flows = read_watched(census, count);
    if (!flows)
        return false;
    for (std::size_t i = 0; i < count; ++i)
        counts_.counted[left_[i]] = (*flows)[i];
    left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
    const std::vector<const abi::FlowCensus*> all = censuses_of(*census.status);
    std::erase_if(left_, [&](std::uint32_t key) {
        const bool is_named = std::ranges::any_of(
            all, [key](const abi::FlowCensus* one) { return names(*one, key); });
        if (!is_named)
            counts_.counted[key] = 0;
        return !is_named;
    });
    return true;
}

void FlowCounting::take_unfinished(const Census& census) {
    if (census.status == nullptr)
        return;
    std::vector<const abi::FlowCensus*> begun = censuses_of(*census.status);
    std::erase_if(begun,
                  [&](const abi::FlowCensus* one) { return one->begun.load() != census.request; });
    const std::size_t count = next_round().size();
    const std::vector<std::uint64_t> flows = sum_watched(begun, count);
    for (std::size_t i = 0; i < count; ++i)
        counts_.at_least[left_[i]] = flows[i];
}

}  // namespace vipfwd::table
