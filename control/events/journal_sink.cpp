// SPDX-License-Identifier: Apache-2.0
#include "control/events/journal_sink.h"

#include <fmt/format.h>
#include <spdlog/common.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace vipfwd::events {
namespace {

int priority_of(Level level) {
    switch (level) {
        case Level::kInfo:
            return LOG_INFO;
        case Level::kWarning:
            return LOG_WARNING;
        case Level::kError:
            break;
    }
    return LOG_ERR;
}

}  // namespace

bool is_connected_to_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    return stream != nullptr && fstat(STDERR_FILENO, &status) == 0 &&
           fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

spdlog::level::level_enum log_level(Level level) {
    switch (level) {
        case Level::kInfo:
            return spdlog::level::info;
        case Level::kWarning:
            return spdlog::level::warn;
        case Level::kError:
            break;
    }
    return spdlog::level::err;
}

void JournalSink::sink_it_(const spdlog::details::log_msg& line) {
    const std::string_view text(line.payload.data(), line.payload.size());
    const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    const std::optional<Event> event = event_of(json);
    if (!event)
        return;
    sd_journal_send("MESSAGE=%s", to_string(*event).c_str(), "PRIORITY=%d",
                    priority_of(event->level), "VIPFWD_OBJECT=%s",
                    std::string(word(event->object)).c_str(), "VIPFWD_NAME=%s", event->name.c_str(),
                    "VIPFWD_CHANGE=%s", event->change.c_str(), "VIPFWD_CAUSE=%s",
                    event->cause.c_str(), nullptr);
}

}  // namespace vipfwd::events
