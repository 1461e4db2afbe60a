// SPDX-License-Identifier: Apache-2.0
// What groups track: runs scripts and looks for processes, as often as each is to be; asks others
// about ports.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/gateway/rise_fall.h"
#include "control/loop/child.h"
#include "control/loop/loop.h"

namespace vipfwd::gateway {

// A track as a group goes by it.
struct TrackState {
    std::string what;     // config::to_string()
    std::string failure;  // why it is bad, for people; or empty
    std::int32_t weight = 0;
    Verdict verdict = Verdict::kUnknown;

    // What it adds to the priority. What is not known yet adds nothing.
    std::int32_t contribution() const {
        return verdict == (weight < 0 ? Verdict::kBad : Verdict::kGood) ? weight : 0;
    }
    bool hinders() const { return weight == 0 && verdict == Verdict::kBad; }
    friend bool operator==(const TrackState&, const TrackState&) = default;
};

class Tracks {
  public:
    // `on_change` is called from the loop when a verdict has changed.
    Tracks(Loop& loop, std::function<void()> on_change);
    ~Tracks();

    // What is tracked from now on, by whichever group. What was tracked before goes on.
    void configure(const config::Config& config);

    // Of the tracks of `group`, in their order. `link` tells about that of a port, by its name.
    std::vector<TrackState> of(const config::Group& group,
                               const std::function<Verdict(const std::string& port)>& link) const;

  private:
    // A script or process that is examined.
    class Examination;

    const Examination* find(const config::Track& track) const;

    Loop& loop_;
    std::function<void()> on_change_;
    std::vector<std::unique_ptr<Examination>> examinations_;
};

}  // namespace vipfwd::gateway
