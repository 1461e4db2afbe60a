// SPDX-License-Identifier: Apache-2.0
#include "control/events/event_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "control/events/journal_sink.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::events {

EventLog::EventLog(const std::string& path) : file_(path) {
    for (Event& event : file_.load()) {
        next_id_ = std::max(next_id_, event.id + 1);
        events_.push_back(std::make_shared<const Event>(std::move(event)));
        if (events_.size() > kMostEvents)
            events_.pop_front();
    }
}

void EventLog::record(Event event) {
    event.id = next_id_++;
    event.time_ms = unix_ms();
    file_.append(event);
    if (!file_.writes_to_journal())
        spdlog::log(log_level(event.level), "{}", to_string(event));
    const std::lock_guard lock(mutex_);
    events_.push_back(std::make_shared<const Event>(std::move(event)));
    if (events_.size() > kMostEvents)
        events_.pop_front();
}

std::vector<std::shared_ptr<const Event>> EventLog::find(const Query& query) const {
    std::vector<std::shared_ptr<const Event>> found;
    const std::lock_guard lock(mutex_);
    const std::uint64_t last = events_.empty() ? 0 : events_.back()->id;
    const std::uint64_t after = query.after <= last ? query.after : 0;
    for (const auto& event : events_) {
        if (event->id > after && event->time_ms >= query.since_ms &&
            (!query.object || event->object == *query.object))
            found.push_back(event);
    }
    return found;
}

}  // namespace vipfwd::events
