// SPDX-License-Identifier: Apache-2.0
// Which backend has which index within its pool. Flows and rings name a backend by this index, so a
// backend keeps it, and a removed backend's index is not reused until no flow names it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// One index of a pool: the entry that it had in the previous generation, and the backend that has
// it now.
struct AssignedIndex {
    const abi::BackendEntry* previous = nullptr;  // null: the index is new
    // Which of the configured backends has the index; nullopt: the index is retired.
    std::optional<std::uint32_t> configured;
    bool is_new = false;  // the configured backend did not have this index before
};

// All indices of a pool, in order.
class BackendIndices {
  public:
    // The usual case, for which nothing is stored per backend: the configured backends are those
    // of the previous generation, in the same order.
    explicit BackendIndices(std::span<const abi::BackendEntry> previous)
        : previous_(previous), size_(previous.size()) {}
    explicit BackendIndices(std::vector<AssignedIndex> assigned)
        : assigned_(std::move(assigned)), size_(assigned_.size()) {}

    std::size_t size() const { return size_; }
    AssignedIndex operator[](std::uint32_t index) const {
        return assigned_.empty() ? AssignedIndex{.previous = &previous_[index], .configured = index}
                                 : assigned_[index];
    }
    bool any_new() const { return std::ranges::any_of(assigned_, &AssignedIndex::is_new); }
    // Whether there are configured backends, and none of them had an index before.
    bool all_replaced() const {
        return any_new() && std::ranges::none_of(assigned_, [](const AssignedIndex& index) {
                   return index.configured && !index.is_new;
               });
    }

  private:
    std::span<const abi::BackendEntry> previous_;
    std::vector<AssignedIndex> assigned_;
    std::size_t size_;
};

// Whether no flow names the index of an entry that is retired in the previous generation.
using IsFree = std::function<bool(const abi::BackendEntry&)>;

// Whether backends may get an index that flows may still name, because its backend is removed.
enum class TakeOver { kNo, kYes };

// Assigns an index to each configured backend: the one that it had, else a free one, else a new one
// at the end. Free indices at the end are removed if they are not reused. With TakeOver::kYes all
// indices of removed backends count as free, and those retired longest ago are reused first. The
// result refers to `previous`, the pool's entries in the previous generation.
BackendIndices assign_indices(std::span<const abi::BackendEntry> previous, const config::Pool& pool,
                              const IsFree& is_free, TakeOver take_over);

}  // namespace vipfwd::table
