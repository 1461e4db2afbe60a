// SPDX-License-Identifier: Apache-2.0
#include "control/group/program_probe.h"

#include <spdlog/spdlog.h>

#include <cctype>
#include <utility>
#include <vector>

#include "control/config/script_user.h"

namespace vipfwd::group {
namespace {

// The regular expression that matches exactly `name`.
std::string escaped(const std::string& name) {
    std::string expression;
    for (const char c : name) {
        if (std::ispunct(static_cast<unsigned char>(c)) != 0)
            expression += '\\';
        expression += c;
    }
    return expression;
}

std::vector<std::string> command_of(const config::Track& track) {
    if (!track.script.empty())
        return config::as_user(track.user, track.script);
    // The run states leave out processes that have ended but are not reaped yet (Z, X).
    return {"pgrep", "--exact", "--runstates", "RSDTtI", "--", escaped(track.process)};
}

}  // namespace

ProgramProbe::ProgramProbe(Loop& loop, const config::Track& track,
                           const std::function<void()>& on_change)
    : track_(track),
      on_change_(on_change),
      results_(track.rise, track.fall),
      child_(loop, [this](const ChildEnd& end) { on_result(end); }),
      next_run_(loop, [this] { run(); }) {
    next_run_.fire_after(0);
}

bool ProgramProbe::serves(const config::Track& track) const {
    config::Track wanted = track;
    wanted.weight = track_.weight;  // the group's business
    return wanted == track_;
}

void ProgramProbe::run() {
    child_.start(command_of(track_), track_.timeout_ms);
}

void ProgramProbe::on_result(const ChildEnd& end) {
    const std::string& failure = end.failure;
    next_run_.fire_after(track_.interval_ms);
    if (std::exchange(could_run_, end.was_run) && !end.was_run)
        spdlog::error("track: {} {}; its last verdict stays", to_string(track_), failure);
    if (!end.was_run)
        return;
    const Verdict before = verdict();
    results_.add(failure.empty());
    if (verdict() == before)
        return;
    failure_ = failure;
    if (verdict() == Verdict::kBad)
        spdlog::warn("track: {} fails: {}", to_string(track_), failure);
    else if (before == Verdict::kBad)
        spdlog::info("track: {} succeeds again", to_string(track_));
    on_change_();
}

}  // namespace vipfwd::group
