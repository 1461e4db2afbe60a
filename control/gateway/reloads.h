// SPDX-License-Identifier: Apache-2.0
// Reloads of the configuration file: reads, checks and plans it on a thread that yields, has the
// workers count the connections that it resets, and gives the loop the result. One at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "control/config/load.h"
#include "control/gateway/publishing.h"
#include "control/loop/background.h"
#include "control/loop/loop.h"
#include "control/plan/plan.h"
#include "control/table/flow_counting.h"

namespace vipfwd::gateway {

// What a reload is planned from. Any thread may use it.
struct ReloadBase {
    std::shared_ptr<const config::Config> wanted;    // see plan::Current
    std::shared_ptr<const config::Config> in_force;  //
    bool dataplane_runs = false;
    TrialBase tables;

    // Whether a plan made from `other` still holds. The tables may differ: rings that the plan
    // lacks are built when it is published.
    bool same_plan(const ReloadBase& other) const {
        return wanted == other.wanted && in_force == other.in_force &&
               dataplane_runs == other.dataplane_runs;
    }
};

// A configuration file that was read, and what it does.
struct PlannedReload {
    plan::Outcome outcome;                           // not applied
    std::shared_ptr<const config::Config> wanted;    // null: the file has errors
    std::shared_ptr<const config::Config> in_force;  // what can be put in force of it now
    std::shared_ptr<const table::Build> trial;       // its tables
};

// Plans to apply a file, and builds the rings for that.
PlannedReload plan_reload(config::LoadOutcome loaded, const ReloadBase& base);

// Says how many connections the plan resets, once its flow_keys are counted.
void add_counts(PlannedReload& planned, const ReloadBase& base, const table::FlowCounts& counts);

class Reloads {
  public:
    // After so long without a reload, the memory that the last one took goes back to the kernel.
    static constexpr std::int64_t kKeepMemory_ms = 10'000;

    struct Hooks {
        std::function<config::LoadOutcome()> load;  // on the thread
        std::function<ReloadBase()> base;           // as of now
        // Counts flows, if a dataplane is there to do it, and calls `answer` once, later.
        std::function<void(const std::vector<std::uint32_t>& keys,
                           std::function<void(const table::FlowCounts&)> answer)>
            count;
        // Applies the plan if its mode and its losses allow it, and calls `answer` once.
        std::function<void(PlannedReload, plan::Mode,
                           std::function<void(const plan::Outcome&)> answer)>
            finish;
    };
    using Answer = std::function<void(const plan::Outcome&)>;

    Reloads(Loop& loop, Hooks hooks);

    // Reloads the file as it is now or a moment later, and answers. Requests of the same mode that
    // wait for their turn share one reload, so that the last of many is done after two.
    void request(plan::Mode mode, Answer answer);

    // Other work on configuration files, in turn with the reloads.
    void run(std::function<void()> work, std::function<void()> done);

  private:
    struct Request {
        plan::Mode mode;
        std::vector<Answer> answers;
    };

    void release_memory();
    void start_next();
    void start(Request request);
    void count(Request request, std::shared_ptr<const ReloadBase> base,
               std::shared_ptr<PlannedReload> planned);
    void finish(Request request, const ReloadBase& base, PlannedReload planned);

    Hooks hooks_;
    bool is_running_ = false;
    std::deque<Request> waiting_;
    Timer idle_;         // due a while after the last reload
    Background thread_;  // the last member: it ends first
};

}  // namespace vipfwd::gateway
