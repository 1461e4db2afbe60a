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
#include <span>
#include <unordered_map>
#include <vector>

#include "control/config/model.h"
#include "control/health/check_notes.h"
#include "control/health/check_record.h"
#include "control/health/flap_damper.h"
#include "control/health/probe.h"
#include "control/health/rise_fall.h"
#include "control/health/schedule.h"
#include "control/health/standing.h"
#include "control/health/target.h"
#include "control/health/target_digest.h"
#include "control/loop/loop.h"
#include "dataplane/abi/check_note.h"

namespace vipfwd::health {

class Checker {
  public:
    using Start = std::function<std::unique_ptr<Probe>(const Target& target, OnProbed on_probed,
                                                       Attempt attempt)>;
    // What was known before: of each backend of the configuration, by its number.
    using Recall = std::function<std::vector<Standing>(const config::Config& config)>;

    // Attempts that are repeated: those of a check, to ask its agent, or to measure its path.
    struct Attempts {
        std::unique_ptr<Probe> probe;  // that runs; null: none
        std::int64_t started_ns = 0;   // the latest
        Schedule::Id id = 0;
    };

    // Of the agent beside a check. Its last answer counts until the next one: an agent that does
    // not answer says nothing of the backend.
    struct Agent : Attempts {
        explicit Agent(const Target& of) : target(of) { target.check.port = of.check.agent_port; }

        Target target;
        CheckRecord record;
        std::shared_ptr<const AgentAnswer> answer;  // null: none yet
        std::shared_ptr<const Failure> failure;     // null unless it says "down"
        bool was_asked = false;                     // once, whether it has answered or not
        std::int64_t said_down_ms = 0;  // when it began or ceased to say so, Unix time; 0: never
    };

    // The path MTU to a backend behind a tunnel. It is measured beside the check, and for the first
    // time before the check's first attempt.
    struct Path : Attempts {
        std::shared_ptr<const PathMtu> mtu;  // null: not known
    };

    struct Check : Attempts {
        explicit Check(const Target& checked)
            : target(checked),
              digest(target_digest(checked)),
              results(checked.check.rise, checked.check.fall) {
            if (checked.check.agent_port != 0)
                agent = std::make_unique<Agent>(checked);
            if (checked.tunnel)
                path = std::make_unique<Path>();
        }

        // By the check and the agent together. Unknown until both have been asked.
        Standing standing() const;
        // The time of the last change of that verdict, Unix time; 0: as CheckRecord::since_ms().
        std::int64_t since_ms() const;

        const Target& target;
        std::uint64_t digest;  // see CheckNotes
        CheckRecord record;
        RiseFall results;
        FlapDamper damper;
        std::shared_ptr<const Failure> failure;  // null unless the verdict is bad
        std::vector<std::uint32_t> backends;     // that it judges, by number
        bool has_recalled = false;               // what was known before
        std::vector<bool> early_results;         // those before that, good or bad
        abi::CheckProgress noted;                // as of the last result
        Attempt attempt = Attempt::kWhole;       // the latest
        std::int64_t whole_due_ns = 0;           // until then, attempts only connect
        std::unique_ptr<Agent> agent;            // null: none
        std::unique_ptr<Path> path;              // null: without a tunnel
    };

    // `start` makes a probe, see Prober. At most `most_probes` run at a time. `on_change` is called
    // from the loop, not from configure(), when a verdict has changed, a host cannot be reached any
    // more, an agent says something else, or a path becomes or ceases to be too narrow.
    Checker(Loop& loop, Start start, std::size_t most_probes, std::function<void()> on_change);
    ~Checker();
    Checker(const Checker&) = delete;
    Checker& operator=(const Checker&) = delete;

    // Checks what `config` says from now on. A target that `recall` knows goes on from there: as if
    // the results that it has had since its check began had followed on that.
    void configure(std::shared_ptr<const config::Config> config, const Recall& recall);

    // From now on, notes how far the checks are, and finds in `area` how far those were that the
    // next configure() recalls. `area` is valid for as long as the checker.
    void use_notes(std::span<abi::CheckNote> area);

    // Of the configuration that was given last.
    const Standings& standings() const { return standings_; }
    // Begins the changes of standings() anew: those of before have been told.
    void forget_changes() {
        standings_.changed.clear();
        standings_.agents_changed.clear();
        standings_.paths_changed.clear();
    }
    bool has_changes() const {
        return !standings_.changed.empty() || !standings_.agents_changed.empty() ||
               !standings_.paths_changed.empty();
    }

    // Whether every check has a verdict, and every agent was asked.
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
    void schedule_first(Check& check, Attempts& attempts);
    std::int64_t first_attempt_ns() const;
    void schedule(Check& check, Attempts& attempts, std::int64_t due_ns);
    void forget(const Attempts& attempts);
    bool resume_from(Check& check, const Standing& known);
    static void add_result(Check& check, bool is_good);
    static void remember_early(Check& check, bool is_good);
    void keep_note(Check& check);
    void retain_notes();
    void remove_unused();
    void start_due();
    void begin(Check& check);
    void finish(Check& check, const ProbeResult& result);
    void ask_agent(Check& check);
    void finish_agent(Check& check, const ProbeResult& result);
    bool hear_agent(Check& check, const ProbeResult& result);
    void measure_path(Check& check);
    void measure_path_again(Check& check);
    void finish_path(Check& check, const ProbeResult& result);
    void start(Attempts& attempts, const Target& target, Attempt attempt, OnProbed on_probed);
    static void note(const Attempts& attempts, CheckRecord& record, const ProbeResult& result);
    void end(Attempts& attempts, std::int64_t delay_ns, bool has_changed);
    static void plan_whole_attempt(Check& check, const ProbeResult& result);
    static bool is_ignored(const Check& check, bool is_good);
    bool judge(Check& check, const ProbeResult& result);
    bool tell_difference(const Check& check, const Standing& before);
    void update_standings(const Check& check);
    void arm();

    Start start_;
    std::size_t most_probes_;
    std::function<void()> on_change_;
    Checks checks_;
    std::unique_ptr<CheckNotes> notes_;  // null: there is no region yet
    std::unordered_map<Schedule::Id, Check*> by_id_;
    Schedule schedule_;
    Schedule::Id next_id_ = 1;
    std::size_t running_ = 0;  // probes
    std::size_t unknown_ = 0;  // checks without a verdict, and agents that were not asked yet
    std::minstd_rand random_;
    Standings standings_;
    Timer due_;
};

}  // namespace vipfwd::health
