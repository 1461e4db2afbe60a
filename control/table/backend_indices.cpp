// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_indices.h"

#include <unordered_map>

#include "control/table/previous_entries.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {
namespace {

using abi::BackendEntry;

bool is_retired(const BackendEntry& backend) {
    return backend.state == static_cast<std::uint8_t>(abi::BackendState::kRetired);
}

// True if no configured backend has the index and no flow can name it any more.
bool is_free(const AssignedIndex& index, std::uint32_t now_s, std::uint32_t flow_memory_s) {
    return !index.configured && is_retired(*index.previous) &&
           now_s - index.previous->retired_at_s > flow_memory_s;
}

bool same_backends(std::span<const BackendEntry> previous, const config::Pool& pool) {
    return std::equal(previous.begin(), previous.end(), pool.backends.begin(), pool.backends.end(),
                      [](const BackendEntry& entry, const config::Backend& backend) {
                          return entry.address == backend.address;
                      });
}

}  // namespace

BackendIndices assign_indices(std::span<const BackendEntry> previous, const config::Pool& pool,
                              std::uint32_t now_s, std::uint32_t flow_memory_s) {
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
    std::size_t next = 0;
    for (const std::uint32_t backend : added) {
        while (next < indices.size() && !is_free(indices[next], now_s, flow_memory_s))
            ++next;
        if (next == indices.size())
            indices.push_back({});
        indices[next].configured = backend;
        indices[next].is_new = true;
    }
    while (!indices.empty() && is_free(indices.back(), now_s, flow_memory_s))
        indices.pop_back();
    return BackendIndices(std::move(indices));
}

}  // namespace vipfwd::table
