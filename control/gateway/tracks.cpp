// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/tracks.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace vipfwd::gateway {
namespace {

// A name as the regular expression that matches it only.
std::string escaped(const std::string& name) {
    std::string expression;
    for (const char c : name) {
        if (std::ispunct(static_cast<unsigned char>(c)) != 0)
            expression += '\\';
        expression += c;
    }
    return expression;
}

// pgrep(1): not those that have ended and only wait to be noticed (Z, X).
std::vector<std::string> command_of(const config::Track& track) {
    if (!track.script.empty())
        return track.script;
    return {"pgrep", "--exact", "--runstates", "RSDTtI", "--", escaped(track.process)};
}

// Their weights may differ.
bool same_examination(config::Track a, const config::Track& b) {
    a.weight = b.weight;
    return a == b;
}

}  // namespace

class Tracks::Examination {
  public:
    Examination(Loop& loop, const config::Track& track, const std::function<void()>& on_change)
        : track_(track),
          on_change_(on_change),
          rise_fall_(track.rise, track.fall),
          child_(loop, [this](const std::string& failure) { note(failure); }),
          again_(loop, [this] { examine(); }) {
        again_.fire_after(0);
    }

    const config::Track& track() const { return track_; }
    Verdict verdict() const { return rise_fall_.verdict(); }
    const std::string& failure() const { return failure_; }

  private:
    void examine() { child_.start(command_of(track_), track_.timeout_ms); }

    void note(const std::string& failure) {
        again_.fire_after(track_.interval_ms);
        const Verdict before = verdict();
        rise_fall_.note(failure.empty());
        if (verdict() == before)
            return;
        failure_ = failure;
        if (verdict() == Verdict::kBad)
            spdlog::warn("{} fails: {}", to_string(track_), failure);
        else if (before == Verdict::kBad)
            spdlog::info("{} does not fail any more", to_string(track_));
        on_change_();
    }

    config::Track track_;
    const std::function<void()>& on_change_;
    RiseFall rise_fall_;
    std::string failure_;
    Child child_;
    Timer again_;
};

Tracks::Tracks(Loop& loop, std::function<void()> on_change)
    : loop_(loop), on_change_(std::move(on_change)) {}

Tracks::~Tracks() = default;

void Tracks::configure(const config::Config& config) {
    std::vector<std::unique_ptr<Examination>> before = std::move(examinations_);
    examinations_.clear();
    for (const config::Group& group : config.groups) {
        if (!config::is_elected(config, group))
            continue;
        for (const config::Track& track : group.tracks) {
            if (!track.port.empty() || find(track) != nullptr)
                continue;
            const auto known = std::ranges::find_if(before, [&](const auto& one) {
                return one && same_examination(one->track(), track);
            });
            examinations_.push_back(known != before.end()
                                        ? std::move(*known)
                                        : std::make_unique<Examination>(loop_, track, on_change_));
        }
    }
}

std::vector<TrackState> Tracks::of(
    const config::Group& group, const std::function<Verdict(const std::string& port)>& link) const {
    std::vector<TrackState> states;
    for (const config::Track& track : group.tracks) {
        TrackState state{.what = to_string(track), .failure = "", .weight = track.weight};
        if (!track.port.empty()) {
            state.verdict = link(track.port);
            state.failure = state.verdict == Verdict::kBad ? "its link is down" : "";
        } else if (const Examination* examination = find(track)) {
            state.verdict = examination->verdict();
            state.failure = examination->failure();
        }
        states.push_back(std::move(state));
    }
    return states;
}

const Tracks::Examination* Tracks::find(const config::Track& track) const {
    const auto found = std::ranges::find_if(
        examinations_, [&](const auto& one) { return same_examination(one->track(), track); });
    return found == examinations_.end() ? nullptr : found->get();
}

}  // namespace vipfwd::gateway
