// SPDX-License-Identifier: Apache-2.0
// Sends events to systemd's journal, with a field for each of their parts (systemd.journal-fields).
#pragma once

#include <spdlog/sinks/base_sink.h>

#include <mutex>

#include "control/events/event.h"

namespace vipfwd::events {

// Whether the journal reads this process's standard error (JOURNAL_STREAM, systemd.exec).
bool is_connected_to_journal();

spdlog::level::level_enum log_level(Level level);

// Takes lines of EventFile.
class JournalSink : public spdlog::sinks::base_sink<std::mutex> {
  private:
    void sink_it_(const spdlog::details::log_msg& line) override;
    void flush_() override {}
};

}  // namespace vipfwd::events
