// SPDX-License-Identifier: Apache-2.0
#include "control/group/tracks.h"

#include <algorithm>
#include <utility>

namespace vipfwd::group {
namespace {

bool is_probed(const config::Track& track) {
    return track.port.empty() && track.pool.empty();
}

}  // namespace

Tracks::Tracks(Loop& loop, std::function<void()> on_change)
    : loop_(loop), on_change_(std::move(on_change)) {}

void Tracks::configure(const config::Config& config) {
    std::vector<std::unique_ptr<ProgramProbe>> before = std::move(probes_);
    probes_.clear();
    for (const config::Group& group : config.groups) {
        if (!config::is_elected(config, group))
            continue;
        for (const config::Track& track : group.tracks) {
            if (!is_probed(track) || find(track) != nullptr)
                continue;
            const auto running = std::ranges::find_if(
                before, [&](const auto& probe) { return probe && probe->serves(track); });
            probes_.push_back(running != before.end()
                                  ? std::move(*running)
                                  : std::make_unique<ProgramProbe>(loop_, track, on_change_));
        }
    }
}

std::vector<TrackState> Tracks::states_of(const config::Group& group, const Lookup& lookup) const {
    std::vector<TrackState> states;
    for (const config::Track& track : group.tracks) {
        TrackState state{.what = to_string(track), .failure = "", .weight = track.weight};
        if (!track.port.empty()) {
            state.verdict = lookup.link(track.port);
            state.failure = state.verdict == Verdict::kBad ? "its link is down" : "";
        } else if (!track.pool.empty()) {
            PoolHealth pool = lookup.pool(track.pool);
            state.verdict = pool.verdict;
            state.failure = std::move(pool.failure);
        } else if (const ProgramProbe* probe = find(track)) {
            state.verdict = probe->verdict();
            state.failure = probe->failure();
        }
        states.push_back(std::move(state));
    }
    return states;
}

const ProgramProbe* Tracks::find(const config::Track& track) const {
    const auto found =
        std::ranges::find_if(probes_, [&](const auto& probe) { return probe->serves(track); });
    return found == probes_.end() ? nullptr : found->get();
}

}  // namespace vipfwd::group
