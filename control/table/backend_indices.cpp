// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_indices.h"

#include <algorithm>
#include <unordered_map>

#include "control/table/generation_tables.h"
#include "control/table/previous_entries.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;

// The positions of indices that no configured backend has, and that may be reused: free ones in
// their order, then those that are taken over.
std::vector<std::size_t> find_reusable(std::span<const AssignedIndex> indices,
                                       const IsFree& is_free, TakeOver take_over) {
    std::vector<std::size_t> free, named;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (indices[i].configured)
            continue;
        const bool is_unnamed = is_retired(*indices[i].previous) && is_free(*indices[i].previous);
        (is_unnamed ? free : named).push_back(i);
    }
    if (take_over == TakeOver::kNo)
        return free;
    // A backend that is removed just now was retired last.
    std::ranges::stable_sort(named, {}, [&](std::size_t index) {
        const BackendEntry& entry = *indices[index].previous;
        return is_retired(entry) ? entry.time_s : ~std::uint32_t{0};
    });
    free.insert(free.end(), named.begin(), named.end());
    return free;
}

bool same_backends(std::span<const BackendEntry> previous, const config::Pool& pool) {
    return std::equal(previous.begin(), previous.end(), pool.backends.begin(), pool.backends.end(),
                      [](const BackendEntry& entry, const config::Backend& backend) {
                          return entry.address == backend.address;
                      });
}

}  // namespace

BackendIndices assign_indices(std::span<const BackendEntry> previous, const config::Pool& pool,
                              const IsFree& is_free, TakeOver take_over) {
    if (same_backends(previous, pool))
        return BackendIndices(previous);
    std::vector<AssignedIndex> indices;
    indices.reserve(previous.size());
    for (const BackendEntry& entry : previous)
        indices.push_back({.previous = &entry, .configured = {}});
    PreviousEntries<BackendEntry, std::unordered_map<IpAddress, const BackendEntry*, AddressHash>>
        by_address(previous, [](const BackendEntry& entry) { return entry.address; });
    std::vector<std::uint32_t> added;
    for (std::uint32_t i = 0; i < pool.backends.size(); ++i) {
        if (const BackendEntry* entry = by_address.find(pool.backends[i].address))
            indices[static_cast<std::size_t>(entry - previous.data())].configured = i;
        else
            added.push_back(i);
    }
    const std::vector<std::size_t> reusable = find_reusable(indices, is_free, take_over);
    const std::size_t reused = std::min(reusable.size(), added.size());
    for (std::size_t i = 0; i < reused; ++i) {
        indices[reusable[i]].configured = added[i];
        indices[reusable[i]].is_new = true;
    }
    for (const std::uint32_t backend : std::span(added).subspan(reused))
        indices.push_back({.previous = nullptr, .configured = backend, .is_new = true});
    std::vector<bool> is_left(indices.size());
    for (const std::size_t index : std::span(reusable).subspan(reused))
        is_left[index] = true;
    while (!indices.empty() && is_left[indices.size() - 1])
        indices.pop_back();
    return BackendIndices(std::move(indices));
}

}  // namespace vipfwd::table
