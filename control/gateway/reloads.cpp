// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/reloads.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace vipfwd::gateway {
namespace {

plan::Current current(const ReloadBase& base, const table::FlowCounts* counts = nullptr) {
    return {.wanted = *base.wanted,
            .in_force = *base.in_force,
            .dataplane_runs = base.dataplane_runs,
            .tables = base.tables.tables.get(),
            .flow_counts = counts};
}

}  // namespace

PlannedReload plan_reload(config::LoadOutcome loaded, const ReloadBase& base) {
    PlannedReload planned;
    planned.outcome.diagnostics = std::move(loaded.diagnostics);
    if (!loaded.config)
        return planned;
    plan::Plan plan = plan::make_plan(current(base), *loaded.config);
    auto in_force = std::make_shared<const config::Config>(std::exchange(plan.config, {}));
    planned.outcome.plan = std::move(plan);
    Result<table::Build> trial = base.tables.build(*in_force);
    if (!trial) {
        planned.outcome.diagnostics.push_back({.where = {}, .message = trial.error().message});
        return planned;
    }
    planned.wanted = std::make_shared<const config::Config>(std::move(*loaded.config));
    planned.in_force = std::move(in_force);
    planned.trial = std::make_shared<const table::Build>(std::move(*trial));
    return planned;
}

void add_counts(PlannedReload& planned, const ReloadBase& base, const table::FlowCounts& counts) {
    plan::Plan plan = plan::make_plan(current(base, &counts), *planned.wanted);
    plan.config = {};
    planned.outcome.plan = std::move(plan);
}

Reloads::Reloads(Loop& loop, Hooks hooks)
    : hooks_(std::move(hooks)),
      idle_(loop, [this] { release_memory(); }),
      thread_(loop, "reloads") {}

void Reloads::release_memory() {
    thread_.run(
        Background::Priority::kYielding, [] { malloc_trim(0); }, [] {});
}

void Reloads::run(std::function<void()> work, std::function<void()> done) {
    idle_.fire_after(kKeepMemory_ms);
    thread_.run(Background::Priority::kYielding, std::move(work), std::move(done));
}

void Reloads::request(plan::Mode mode, Answer answer) {
    const auto same = std::ranges::find(waiting_, mode, &Request::mode);
    if (same != waiting_.end())
        same->answers.push_back(std::move(answer));
    else
        waiting_.push_back({mode, {std::move(answer)}});
    start_next();
}

void Reloads::start_next() {
    if (is_running_ || waiting_.empty())
        return;
    is_running_ = true;
    Request next = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(next));
}

void Reloads::start(Request request) {
    const auto base = std::make_shared<const ReloadBase>(hooks_.base());
    const auto planned = std::make_shared<PlannedReload>();
    run([base, planned, load = hooks_.load] { *planned = plan_reload(load(), *base); },
        [this, base, planned, request = std::move(request)] {
            if (planned->wanted && !planned->outcome.plan.flow_keys.empty())
                return count(request, base, planned);
            finish(request, *base, std::move(*planned));
        });
}

void Reloads::count(Request request, std::shared_ptr<const ReloadBase> base,
                    std::shared_ptr<PlannedReload> planned) {
    hooks_.count(planned->outcome.plan.flow_keys, [this, request = std::move(request), base,
                                                   planned](const table::FlowCounts& counts) {
        run([base, planned, counts] { add_counts(*planned, *base, counts); },
            [this, request, base, planned] { finish(request, *base, std::move(*planned)); });
    });
}

void Reloads::finish(Request request, const ReloadBase& base, PlannedReload planned) {
    // A dataplane has started meanwhile: what can be put in force is another question now.
    if (!base.same_plan(hooks_.base()))
        return start(std::move(request));
    hooks_.finish(std::move(planned), request.mode,
                  [answers = request.answers](const plan::Outcome& outcome) {
                      for (const Answer& answer : answers)
                          answer(outcome);
                  });
    is_running_ = false;
    start_next();
}

}  // namespace vipfwd::gateway
