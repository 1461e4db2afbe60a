// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/table_refresh.h"

#include <optional>
#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {

TableRefresh::TableRefresh(Loop& loop, Publishing& publishing, Hooks hooks)
    : publishing_(publishing),
      hooks_(std::move(hooks)),
      longest_wait_(loop, [this] { release_waiters(); }),
      thread_(loop, "tables") {}

void TableRefresh::request() {
    if (!requested_ns_)
        requested_ns_ = monotonic_ns();
    if (is_building_)
        is_requested_ = true;
    else
        start();
}

void TableRefresh::request_urgently(std::function<void()> on_done) {
    if (is_building_)
        thread_.stop_yielding();
    if (on_done)
        request(std::move(on_done));
    else
        request();
}

void TableRefresh::request(std::function<void()> on_done) {
    waiters_.push_back(std::move(on_done));
    longest_wait_.fire_after(kLongestWait_ms);
    request();
}

void TableRefresh::start() {
    PublishInputs inputs = hooks_.inputs();
    const bool waits_for_facts = !inputs.facts_are_complete;
    std::optional<PublishJob> begun = publishing_.begin(std::move(inputs));
    if (!begun) {
        // Facts that become complete are a request. Nothing says when a dataplane catches up.
        if (!publishing_.pending() || !waits_for_facts)
            release_waiters();
        return;
    }
    is_building_ = true;
    auto job = std::make_shared<PublishJob>(std::move(*begun));
    // The tables of a reload may be many rings to copy. Next hops and health are urgent.
    const auto priority =
        job->follows_reload() ? Background::Priority::kYielding : Background::Priority::kNormal;
    thread_.run(
        priority, [job] { job->run(); },
        [this, job, requested_ns = *std::exchange(requested_ns_, std::nullopt),
         served = std::exchange(waiters_, {})] { finish(std::move(*job), requested_ns, served); });
}

void TableRefresh::finish(PublishJob job, std::int64_t requested_ns, const Waiters& served) {
    const auto generation = publishing_.finish(std::move(job));
    is_building_ = false;
    if (generation)
        hooks_.published(*generation, requested_ns);
    for (const auto& on_done : served)
        on_done();
    // A repair has come between, or there was another request.
    if (std::exchange(is_requested_, false) || publishing_.pending())
        request();
}

void TableRefresh::release_waiters() {
    for (const auto& on_done : std::exchange(waiters_, {}))
        on_done();
}

}  // namespace vipfwd::gateway
