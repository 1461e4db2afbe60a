// SPDX-License-Identifier: Apache-2.0
// What passes from one generation to the next: the indices of backends and the numbers of counters.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// Hands out counters that neither the generation before nor this one uses, as long as there are
// any: workers may still add to those of the generation before.
class CounterNumbers {
  public:
    explicit CounterNumbers(std::uint32_t limit) : before_(limit), now_(limit) {}

    void used_before(std::uint32_t number) { before_[number] = true; }
    void keep(std::uint32_t number) { now_[number] = true; }
    // Requires that fewer than the limit are in use now.
    std::uint32_t take();

  private:
    std::vector<bool> before_;
    std::vector<bool> now_;
    std::uint32_t next_ = 0;
    bool reuse_ = false;  // nothing is left that was not used before
};

// Finds entries of the generation before by what they are known by. In most generations nearly
// everything stands in the order in which it stood before, so an index is made only if something
// does not. `Index` maps what an entry is known by to the entry.
template <typename Entry, typename Index>
class Known {
  public:
    using Identity = typename Index::key_type;
    using Identify = Identity (*)(const Entry&);

    Known(std::span<const Entry> entries, Identify identify)
        : entries_(entries), identify_(identify) {}

    // Null if there is none.
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
    std::size_t next_ = 0;  // where the next one wanted is likely to be
    Index index_;
};

// One place in a pool's row of backends.
struct Seat {
    const abi::BackendEntry* before = nullptr;  // as it was; null for a place that is new
    std::optional<std::uint32_t> holder;        // index of the configured backend; nothing: retired
    bool is_new = false;                        // the holder has just got it
};

// All places of a pool's row, by index. In most generations everybody keeps the place that it had,
// which is then not written down for each.
class Seats {
  public:
    // Where it is all as `before` and every place's holder has its index.
    explicit Seats(std::span<const abi::BackendEntry> before)
        : before_(before), size_(before.size()) {}
    explicit Seats(std::vector<Seat> seats) : seats_(std::move(seats)), size_(seats_.size()) {}

    std::size_t size() const { return size_; }
    Seat operator[](std::uint32_t index) const {
        return seats_.empty() ? Seat{.before = &before_[index], .holder = index} : seats_[index];
    }
    bool any_new() const {
        return std::any_of(seats_.begin(), seats_.end(),
                           [](const Seat& one) { return one.is_new; });
    }

  private:
    std::span<const abi::BackendEntry> before_;
    std::vector<Seat> seats_;
    std::size_t size_;
};

// Gives every configured backend its place: the one it had, else that of a backend retired so long
// ago that no flow can name it (more than `flow_memory_s`), else a new one at the end. Places of
// retired backends that may be given away again are cut from the end. Seats refer to `before`.
Seats assign_seats(std::span<const abi::BackendEntry> before, const config::Pool& pool,
                   std::uint32_t now_s, std::uint32_t flow_memory_s);

}  // namespace vipfwd::table
