// SPDX-License-Identifier: Apache-2.0
// The tracks of all groups: scripts and processes are probed here, the links of ports and the
// health of pools are looked up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/group/pool_health.h"
#include "control/group/program_probe.h"
#include "control/health/rise_fall.h"
#include "control/loop/loop.h"

namespace vipfwd::group {

using health::Verdict;

// What a track contributes to its group's election.
struct TrackState {
    std::string what;     // config::to_string() of the track
    std::string failure;  // why the verdict is bad, for people; or empty
    std::int32_t weight = 0;
    Verdict verdict = Verdict::kUnknown;

    // The part of the group's priority. An unknown verdict contributes nothing.
    std::int32_t contribution() const {
        return verdict == (weight < 0 ? Verdict::kBad : Verdict::kGood) ? weight : 0;
    }
    // True if the group is ineligible on account of this track.
    bool hinders() const { return weight == 0 && verdict == Verdict::kBad; }
    friend bool operator==(const TrackState&, const TrackState&) = default;
};

class Tracks {
  public:
    // `on_change` is called from the loop when the verdict of a script or process has changed.
    Tracks(Loop& loop, std::function<void()> on_change);

    // Tracks what the configured groups track. Probes that are still wanted go on undisturbed;
    // groups that track the same script or process share a probe.
    void configure(const config::Config& config);

    // What is known of ports and pools, by name.
    struct Lookup {
        std::function<Verdict(const std::string& port)> link;
        std::function<PoolHealth(const std::string& pool)> pool;
    };

    // The states of the group's tracks, in the order of the configuration.
    std::vector<TrackState> states_of(const config::Group& group, const Lookup& lookup) const;

  private:
    const ProgramProbe* find(const config::Track& track) const;

    Loop& loop_;
    std::function<void()> on_change_;
    std::vector<std::unique_ptr<ProgramProbe>> probes_;
};

}  // namespace vipfwd::group
