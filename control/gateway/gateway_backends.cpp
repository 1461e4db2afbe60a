// SPDX-License-Identifier: Apache-2.0
// What the gateway knows of its backends besides the configuration: what their checks say, and what
// operators have chosen.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "control/gateway/gateway.h"
#include "control/table/backend_state.h"
#include "control/table/previous_pools.h"
#include "control/table/slow_start.h"
#include "control/table/standings_in_force.h"
#include "control/view/backends.h"
#include "control/view/in_force.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {

// Verdicts that are in force go on: those of a control before this one are in the region.
void Gateway::check_backends() {
    checks_.configure(config_,
                      [tables = publishing_.trial_base().tables](const config::Config& config) {
                          return table::standings_in_force(*tables, config);
                      });
}

void Gateway::on_network_change() {
    check_way_.update(*config_, network_);
    tables_.request();
}

void Gateway::on_standings(std::shared_ptr<const health::Standings> standings) {
    const bool is_first = standings_ == nullptr;
    std::ranges::move(events_of(*standings, is_first), std::back_inserter(early_events_));
    if (publishing_.publisher() != nullptr)
        record_early_events();
    standings_ = std::move(standings);
    // Without checks nothing is known of any backend, and the tables do not change.
    const auto is_known = [](const health::Standing& standing) {
        return standing.verdict != health::Verdict::kUnknown;
    };
    if (std::ranges::any_of(standings_->backends, is_known))
        tables_.request_urgently();
    if (is_first)
        update();  // elections have waited for it
}

void Gateway::set_choices(health::AdminChoices choices) {
    choices.retain(*config_);
    if (choices == *choices_)
        return;
    choices_ = std::make_shared<const health::AdminChoices>(std::move(choices));
    choice_file_.save(answers_, choices_);
}

// Requires config_. Choices for the backends of a pool that is renamed go on. `before` is the
// configuration before config_, null: there was none.
void Gateway::carry_choices(const config::Config* before) {
    health::AdminChoices choices = *choices_;
    if (publishing_.publisher() != nullptr)
        choices.rename_pools(
            table::find_renamed_pools(*config_, before, publishing_.publisher()->in_force()));
    set_choices(std::move(choices));
}

// A region that was handed back has the choices of operators of before.
void Gateway::recover_backends() {
    const table::Tables& in_force = publishing_.publisher()->in_force();
    health::AdminChoices choices = table::choices_in_force(in_force);
    choices.rename_pools(table::find_renamed_pools(*config_, nullptr, in_force));
    set_choices(std::move(choices));
    check_backends();
    pool_events_.observe(in_force, *followed_writers_);
    await_next_step();
}

// Requires a region. In one of a control before this one are the verdicts by which the checks go
// on: tables are not built, nor are events recorded, from what they have found out without them.
void Gateway::use_check_notes(bool are_recalled) {
    if (are_recalled) {
        standings_.reset();
        early_events_.clear();
    }
    record_early_events();
    checks_.use_notes(publishing_.publisher()->check_notes(), are_recalled);
}

void Gateway::record_early_events() {
    for (events::Event& event : std::exchange(early_events_, {}))
        events_.record(std::move(event));
}

// Calls `on_done` when the choice is in force. `by` is the gateway where it was made, nullopt:
// here.
Result<void> Gateway::choose(const health::AdminChange& change, const std::optional<IpAddress>& by,
                             std::function<void()> on_done) {
    Result<health::AdminChoices> changed =
        health::with_change(*choices_, *config_, change, boottime_s());
    if (!changed)
        return changed.error();
    set_choices(std::move(*changed));
    events_.record(event_of(change, *config_, by));
    tables_.request_urgently(std::move(on_done));
    return {};
}

void Gateway::change_backend(const health::AdminChange& change, bool on_all_gateways,
                             const ChangeAnswer& answer) {
    const Result<const config::Backend*> backend = health::find_backend(*config_, change);
    if (!backend)
        return answer(backend.error());
    Result<std::vector<group::GroupPeer>> peers = std::vector<group::GroupPeer>();
    if (on_all_gateways)
        peers = group::peers_with_pool(*config_, change.pool);
    if (!peers)
        return answer(peers.error());
    // The backend may have another name at the peers.
    health::AdminChange told = change;
    told.backend = to_string((*backend)->address);
    const Result<void> chosen =
        choose(change, std::nullopt, [this, told, peers = std::move(*peers), answer] {
            if (peers.empty())
                return answer(std::vector<group::PeerOutcome>());
            peer_link_.command(told, peers, answer);
            update_peers();
        });
    if (!chosen)
        answer(chosen.error());
}

// Puts a change in force that was chosen at another gateway.
void Gateway::execute(const health::AdminChange& change, const IpAddress& by,
                      const group::PeerCommands::Answer& answer) {
    const Result<void> chosen = choose(change, by, [this, pool = change.pool, answer] {
        const view::BackendCount count = view::count_backends(view::tables_in_force(view()), pool);
        answer({.error = "",
                .serving = static_cast<std::uint32_t>(count.serving),
                .backends = static_cast<std::uint32_t>(count.all())});
    });
    if (!chosen)
        answer({.error = chosen.error().message});
}

// True if tables can be published without retired backends.
bool Gateway::run_census() {
    const auto before = publishing_.draining_flows();
    const bool can_free_indices = publishing_.run_census(monotonic_ns());
    for (events::Event& event : events_of_drained(*before, *publishing_.draining_flows(), *config_))
        events_.record(std::move(event));
    return can_free_indices;
}

void Gateway::move_flows_of_overdue() {
    const std::uint32_t now_s = boottime_s();
    if (choices_->any_deadline_in(deadlines_seen_s_, now_s))
        tables_.request_urgently();
    deadlines_seen_s_ = now_s;
}

// Other gateways are told at once which backend serves.
void Gateway::on_published(std::uint64_t generation, std::int64_t requested_ns) {
    link_.announce(generation, requested_ns);
    std::vector<events::Event> changes =
        pool_events_.observe(publishing_.publisher()->in_force(), *followed_writers_);
    if (!changes.empty())
        update_peers();
    for (events::Event& event : changes)
        events_.record(std::move(event));
    await_next_step();
}

// A step may change no weight, so that nothing is published for it.
void Gateway::take_step() {
    tables_.request_urgently();
    await_next_step();
}

void Gateway::await_next_step() {
    const std::uint64_t now_ms = boottime_ms();
    const std::optional<std::uint64_t> next_ms =
        table::next_step_ms(*config_, publishing_.publisher()->in_force(), now_ms);
    if (!next_ms)
        return step_timer_.cancel();
    step_timer_.fire_at(monotonic_ns() +
                        static_cast<std::int64_t>(*next_ms - now_ms) * kNanosecondsPerMs);
}

}  // namespace vipfwd::gateway
