// SPDX-License-Identifier: Apache-2.0
// Finds the entry of the previous generation that belongs to a configured object.
#pragma once

#include <cstddef>
#include <span>

namespace vipfwd::table {

// Entries by their identity. In most generations nearly all objects are in the same order as in the
// previous one, so find() tries the entry after the last one found, and builds the index only when
// that is not the one. `Index` maps an identity to the entry.
template <typename Entry, typename Index>
class PreviousEntries {
  public:
    using Identity = typename Index::key_type;
    using Identify = Identity (*)(const Entry&);

    PreviousEntries(std::span<const Entry> entries, Identify identify)
        : entries_(entries), identify_(identify) {}

    // Null if there is none. Of several entries of one identity, index lookups find the first.
    const Entry* find(const Identity& wanted) {
        if (next_ < entries_.size() && identify_(entries_[next_]) == wanted)
            return &entries_[next_++];
        if (index_.empty()) {
            for (const Entry& entry : entries_)
                index_.emplace(identify_(entry), &entry);
        }
        const auto found = index_.find(wanted);
        if (found == index_.end())
            return nullptr;
        next_ = static_cast<std::size_t>(found->second - entries_.data()) + 1;
        return found->second;
    }

  private:
    std::span<const Entry> entries_;
    Identify identify_;
    std::size_t next_ = 0;
    Index index_;
};

}  // namespace vipfwd::table
