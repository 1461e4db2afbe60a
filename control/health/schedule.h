// SPDX-License-Identifier: Apache-2.0
// When which check makes its next attempt: a queue of due times, and the rule for them. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "control/config/model.h"

namespace vipfwd::health {

// How long after the start of an attempt the next one starts. Jitter of up to a tenth keeps checks
// that began together, on one gateway or several, from staying together. `is_contrary`: the last
// result contradicts the verdict, or there is no verdict yet. `random` is any number.
std::int64_t next_delay_ns(const config::Check& check, bool is_contrary, std::uint32_t random);

class Schedule {
  public:
    using Id = std::uint32_t;

    void add(Id id, std::int64_t due_ns) { queue_.push({due_ns, id}); }

    // The next one that is due; it leaves the queue.
    std::optional<Id> take_due(std::int64_t now_ns) {
        if (queue_.empty() || queue_.top().first > now_ns)
            return std::nullopt;
        const Id id = queue_.top().second;
        queue_.pop();
        return id;
    }

    std::optional<std::int64_t> next_due_ns() const {
        return queue_.empty() ? std::nullopt : std::optional(queue_.top().first);
    }

  private:
    using Entry = std::pair<std::int64_t, Id>;

    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

}  // namespace vipfwd::health
