// SPDX-License-Identifier: Apache-2.0
// What passes from one generation to the next: the indices of backends and the numbers of counters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

// One place in a pool's row of backends.
struct Seat {
    abi::BackendEntry before{};         // as it was; address none for a place that is new
    std::optional<std::size_t> holder;  // index of the configured backend; nothing: retired
    bool is_new = false;                // the holder has just got it
};

// Gives every configured backend its place: the one it had, else that of a backend retired so long
// ago that no flow can name it (more than `flow_memory_s`), else a new one at the end. Places of
// retired backends that may be given away again are cut from the end.
std::vector<Seat> assign_seats(std::span<const abi::BackendEntry> before, const config::Pool& pool,
                               std::uint32_t now_s, std::uint32_t flow_memory_s);

}  // namespace vipfwd::table
