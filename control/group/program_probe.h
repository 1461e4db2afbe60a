// SPDX-License-Identifier: Apache-2.0
// A probe that runs a program: a tracked script, or pgrep(1) for a tracked process. It knows
// nothing of groups; it will move to control/health when backends are checked as well.
#pragma once

#include <functional>
#include <string>

#include "control/config/model.h"
#include "control/health/rise_fall.h"
#include "control/loop/child.h"
#include "control/loop/loop.h"

namespace vipfwd::group {

using health::RiseFall;
using health::Verdict;

class ProgramProbe {
  public:
    // Starts at once and repeats every `track.interval_ms`. An attempt for which this process has
    // no descriptors or memory is no result: the verdict stays. `track` names a script or a
    // process. `on_change` is called from the loop when the verdict has changed; it must outlive
    // the probe.
    ProgramProbe(Loop& loop, const config::Track& track, const std::function<void()>& on_change);

    // True if a probe for `track` would run the same program at the same times, so that this one
    // can go on in its place.
    bool serves(const config::Track& track) const;

    Verdict verdict() const { return results_.verdict(); }
    // Why the last verdict is bad, for people; empty if it is not.
    const std::string& failure() const { return failure_; }

  private:
    void run();
    void on_result(const ChildEnd& end);

    config::Track track_;
    const std::function<void()>& on_change_;
    RiseFall results_;
    std::string failure_;
    bool could_run_ = true;  // the last time
    Child child_;
    Timer next_run_;
};

}  // namespace vipfwd::group
