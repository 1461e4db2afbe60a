// SPDX-License-Identifier: Apache-2.0
#include "control/events/event_file.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "control/events/journal_sink.h"
#include "control/text/read_file.h"

namespace vipfwd::events {
namespace {

constexpr std::size_t kPredecessors = 1;
constexpr std::size_t kQueuedEvents = 8192;

// spdlog's name for it: "events.1.jsonl" of "events.jsonl".
std::string predecessor_of(const std::string& path) {
    return spdlog::sinks::rotating_file_sink_mt::calc_filename(path, kPredecessors);
}

void load_lines(const std::string& path, std::vector<Event>& events) {
    // A last line may have made it larger than kMaxBytes.
    const Result<text::FileContent> file = text::read_file(path, 2 * EventFile::kMaxBytes);
    if (!file)
        return;
    std::string_view rest = file->bytes;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
        if (std::optional<Event> event = event_of(json))
            events.push_back(std::move(*event));
    }
}

}  // namespace

EventFile::EventFile(std::string path)
    : path_(std::move(path)), writes_to_journal_(is_connected_to_journal()) {
    std::vector<spdlog::sink_ptr> sinks;
    try {
        sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path_, kMaxBytes,
                                                                               kPredecessors));
    } catch (const spdlog::spdlog_ex& error) {
        // Without the folder control does not start, and says why.
        if (std::filesystem::is_directory(std::filesystem::path(path_).parent_path()))
            spdlog::error("events are not kept over a restart: {}", error.what());
    }
    if (writes_to_journal_)
        sinks.push_back(std::make_shared<JournalSink>());
    if (sinks.empty())
        return;
    thread_ = std::make_shared<spdlog::details::thread_pool>(kQueuedEvents, 1);
    lines_ = std::make_shared<spdlog::async_logger>("events", sinks.begin(), sinks.end(), thread_,
                                                    spdlog::async_overflow_policy::overrun_oldest);
    lines_->set_pattern("%v");
    lines_->flush_on(spdlog::level::trace);
}

std::vector<Event> EventFile::load() const {
    std::vector<Event> events;
    load_lines(predecessor_of(path_), events);
    load_lines(path_, events);
    return events;
}

void EventFile::append(const Event& event) {
    if (lines_ != nullptr)
        lines_->log(log_level(event.level),
                    to_json(event).dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace vipfwd::events
