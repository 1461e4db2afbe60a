// SPDX-License-Identifier: Apache-2.0
// The notes of checks in the region: reads what a control of before has left there, and writes how
// far the checks of this one are. One thread at a time may use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dataplane/abi/check_note.h"

namespace vipfwd::health {

class CheckNotes {
  public:
    // Reads `area` once: notes that mean nothing are removed, and of several for one check the
    // first one counts.
    explicit CheckNotes(std::span<abi::CheckNote> area);

    // By the check's target_digest(). The verdict is a known one; nothing else is judged here.
    std::optional<abi::CheckProgress> find(std::uint64_t digest) const;
    // Without room for another check, nothing is noted of it.
    void put(std::uint64_t digest, const abi::CheckProgress& progress);
    // Removes the notes of all others.
    void retain(const std::unordered_set<std::uint64_t>& digests);

    bool empty() const { return places_.empty(); }

  private:
    struct Place {
        std::size_t index;
        abi::CheckProgress progress;  // as it was written
    };

    void clear(std::size_t index);

    std::span<abi::CheckNote> area_;
    std::unordered_map<std::uint64_t, Place> places_;
    std::vector<std::size_t> freed_;  // below next_
    std::size_t next_ = 0;            // unused notes begin there
};

}  // namespace vipfwd::health
