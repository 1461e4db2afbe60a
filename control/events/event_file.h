// SPDX-License-Identifier: Apache-2.0
// Keeps events over a restart of control: a file with one JSON object in each line, and its
// predecessor. A thread writes them, so that a slow disk delays no election; if it is more than
// some thousand events behind, the oldest of those are lost.
//
// If control's standard error goes to the journal, so do the events, with fields of their own:
// journalctl VIPFWD_OBJECT=backend VIPFWD_NAME=web/be1.
#pragma once

#include <spdlog/async.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "control/events/event.h"

namespace vipfwd::events {

class EventFile {
  public:
    // Of the file; its predecessor is as large.
    static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

    // The folder exists. If the file cannot be written, that is logged, and events are not kept.
    explicit EventFile(std::string path);

    // The events of both files, the oldest first. Lines that are none are left out.
    std::vector<Event> load() const;

    void append(const Event& event);

    // Whether events are in the journal already: there is no use in logging them, too.
    bool writes_to_journal() const { return writes_to_journal_; }

  private:
    std::string path_;
    bool writes_to_journal_ = false;
    std::shared_ptr<spdlog::details::thread_pool> thread_;
    std::shared_ptr<spdlog::logger> lines_;  // null: there is nothing to write to
};

}  // namespace vipfwd::events
