// SPDX-License-Identifier: Apache-2.0
// Runs the checks of a configuration on one loop: starts probes when they are due, and turns their
// results into verdicts.
//
// Targets that a new configuration still has go on undisturbed. Only so many attempts run at a
// time: further ones start late, which is no failure of theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "control/config/model.h"
#include "control/health/check_record.h"
#include "control/health/flap_damper.h"
#include "control/health/probe.h"
#include "control/health/rise_fall.h"
#include "control/health/schedule.h"
#include "control/health/standing.h"
#include "control/health/target.h"
#include "control/loop/loop.h"

namespace vipfwd::health {

class Checker {
  public:
    using Start = std::function<std::unique_ptr<Probe>(const Target& target, OnProbed on_probed,
                                                       Depth depth)>;
    // What was known before: of each backend of the configuration, by its number.
    using Recall = std::function<std::vector<Standing>(const config::Config& config)>;

    struct Check {
        explicit Check(const Target& checked)
            : target(checked), results(checked.check.rise, checked.check.fall) {}

        const Target& target;
        RiseFall results;
        CheckRecord record;
        FlapDamper damper;
        std::shared_ptr<const Failure> failure;  // null unless the verdict is bad
        std::vector<std::uint32_t> backends;     // that it judges, by number
        bool has_recalled = false;               // what was known before
        std::unique_ptr<Probe> probe;            // that runs; null: none
        std::int64_t started_ns = 0;
        Depth depth = Depth::kWhole;    // of the latest attempt
        std::int64_t whole_due_ns = 0;  // until then, attempts only connect
        Schedule::Id id = 0;
    };

    // `start` makes a probe, see Prober. At most `most_probes` run at a time. `on_change` is called
    // from the loop, not from configure(), when a verdict has changed or a host cannot be reached
    // any more.
    Checker(Loop& loop, Start start, std::size_t most_probes, std::function<void()> on_change);
    ~Checker();
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    // Checks what `config` says from now on. A target that `recall` knows goes on from there: as if
    // the results that it has had since its check began had followed on that.
    void configure(std::shared_ptr<const config::Config> config, const Recall& recall);

    // Of the configuration that was given last.
    const Standings& standings() const { return standings_; }
    // Begins the changes of standings() anew: those of before have been told.
    void forget_changes() { standings_.changed.clear(); }

    // Whether every check has a verdict.
    bool knows_all() const { return unknown_ == 0; }

    // Calls `visit(const Check&)` for each check, in no order.
    template <typename Visit>
    void for_each(Visit visit) const {
        for (const auto& [target, check] : checks_)
            visit(*check);
    }

  private:
    using Checks = std::unordered_map<Target, std::unique_ptr<Check>, TargetHash>;

    Check& find_or_add(const Target& target);
    void resume_from(Check& check, const Standing& known);
    void remove_unused();
    void start_due();
    void begin(Check& check);
    void finish(Check& check, const ProbeResult& result);
    static void plan_whole_attempt(Check& check, const ProbeResult& result);
    static bool is_ignored(const Check& check, const ProbeResult& result);
    bool judge(Check& check, const ProbeResult& result);
    void update_standings(const Check& check);
    void arm();

    Start start_;
    std::size_t most_probes_;
    std::function<void()> on_change_;
    Checks checks_;
    std::unordered_map<Schedule::Id, Check*> by_id_;
    Schedule schedule_;
    Schedule::Id next_id_ = 1;
    std::size_t running_ = 0;  // probes
    std::size_t unknown_ = 0;  // checks without a verdict
    std::minstd_rand random_;
    Standings standings_;
    Timer due_;
};

}  // namespace vipfwd::health
