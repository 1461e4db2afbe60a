// SPDX-License-Identifier: Apache-2.0
// The events of this gateway: what `vipctl show events` shows. The latest ones are in memory, and
// in a file from which a restarted control goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "control/events/event.h"
#include "control/events/event_file.h"

namespace vipfwd::events {

// Which events are asked for.
struct Query {
    std::optional<Object> object = {};  // nullopt: all
    std::int64_t since_ms = 0;          // Unix time
    std::uint64_t after = 0;            // those with a larger id
};

class EventLog {
  public:
    static constexpr std::size_t kMostEvents = 4096;

    // Keeps events in the file `path`, and begins with those in it. See EventFile.
    explicit EventLog(const std::string& path);
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;

    // From one thread. Gives the event its id and time, and logs it.
    void record(Event event);

    // From any thread. The oldest first. An id of Query::after that no event has yet, because the
    // file has been lost, counts as 0.
    std::vector<std::shared_ptr<const Event>> find(const Query& query) const;

  private:
    EventFile file_;
    std::uint64_t next_id_ = 1;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<const Event>> events_;  // guarded by mutex_
};

}  // namespace vipfwd::events
