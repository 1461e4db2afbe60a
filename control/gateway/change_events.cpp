// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/change_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "control/gateway/reload_report.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::gateway {
namespace {

using events::Event;
using events::Level;
using events::Object;
using health::Verdict;

std::string backend_name(std::string_view pool, std::string_view backend) {
    return fmt::format("{}/{}", pool, backend);
}

Event backend_event(std::string name, const health::Standing& standing) {
    if (standing.verdict != Verdict::kBad)
        return {.object = Object::kBackend, .name = std::move(name), .change = "up"};
    return {.level = Level::kWarning,
            .object = Object::kBackend,
            .name = std::move(name),
            .change = "down",
            .cause = standing.failure->reason};
}

// An agent that says "down" makes the standing bad, which is an event already.
Event agent_event(std::string name, const health::AgentAnswer& answer) {
    std::string change(health::name(answer.state));
    if (answer.percent != 100)
        change += fmt::format(", weight {} %", answer.percent);
    return {.object = Object::kBackend,
            .name = std::move(name),
            .change = std::move(change),
            .cause = "agent: " + answer.line};
}

Event path_event(std::string name, const health::Standing& standing) {
    const health::PathMtu& mtu = *standing.path_mtu;
    if (!mtu.is_too_small())
        return {.object = Object::kBackend,
                .name = std::move(name),
                .change = "path MTU is large enough",
                .cause = fmt::format("packets of {} bytes arrive", mtu.found)};
    return {.level = Level::kWarning,
            .object = Object::kBackend,
            .name = std::move(name),
            .change = "path MTU is too small",
            .cause = fmt::format("packets of {} bytes arrive, but not those of {}, which the "
                                 "gateway sends",
                                 mtu.found, mtu.wanted)};
}

// Calls `visit(name, standing)` for the backends with these numbers, once for each, in the order of
// the configuration.
template <typename Visit>
void for_each_backend(const health::Standings& standings, std::vector<std::uint32_t> numbers,
                      Visit visit) {
    std::ranges::sort(numbers);
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    auto number = numbers.begin();
    for (std::size_t p = 0; p < standings.config->pools.size() && number != numbers.end(); ++p) {
        const config::Pool& pool = standings.config->pools[p];
        const std::uint32_t first = standings.numbers->of(p, 0);
        for (; number != numbers.end() && *number - first < pool.backends.size(); ++number)
            visit(backend_name(pool.name, pool.backends[*number - first].name),
                  standings.backends[*number]);
    }
}

std::string change_text(const health::AdminChange& change) {
    if (change.changes_weight)
        return change.weight ? fmt::format("weight {}", *change.weight) : "weight as configured";
    std::string text(health::name(change.state.value_or(abi::BackendAdmin::kReady)));
    if (change.flows_move_after_s > 0)
        text += fmt::format(", its connections move in {} s", change.flows_move_after_s);
    return text;
}

// "the first, and 2 more"
std::string first_of(const std::vector<std::string>& lines) {
    if (lines.empty())
        return {};
    return lines.size() == 1 ? lines[0]
                             : fmt::format("{}, and {} more", lines[0], lines.size() - 1);
}

}  // namespace

std::vector<Event> events_of(const health::Standings& standings, bool is_first) {
    std::vector<Event> found;
    std::size_t left_out = 0;
    const auto add = [&](Event event) {
        if (found.size() < kMostBackendEvents)
            found.push_back(std::move(event));
        else
            ++left_out;
    };
    for_each_backend(standings, standings.changed,
                     [&](const std::string& name, const health::Standing& standing) {
                         if (!is_first || standing.verdict != Verdict::kGood)
                             add(backend_event(name, standing));
                     });
    for_each_backend(standings, standings.agents_changed,
                     [&](const std::string& name, const health::Standing& standing) {
                         if (standing.agent->state != health::AgentState::kDown)
                             add(agent_event(name, *standing.agent));
                     });
    for_each_backend(standings, standings.paths_changed,
                     [&](const std::string& name, const health::Standing& standing) {
                         add(path_event(name, standing));
                     });
    if (left_out > 0)
        found.push_back({.level = Level::kWarning,
                         .object = Object::kBackend,
                         .change = fmt::format("{} more have changed", left_out),
                         .cause = "see `vipctl show backends`"});
    return found;
}

Event event_of(const health::AdminChange& change, const config::Config& config,
               const std::optional<IpAddress>& by) {
    const Result<const config::Backend*> backend = health::find_backend(config, change);
    return {.object = Object::kBackend,
            .name = backend_name(change.pool, backend ? (*backend)->name : change.backend),
            .change = change_text(change),
            .cause = "chosen by an operator" + (by ? " at " + to_string(*by) : "")};
}

std::vector<Event> events_of_drained(const std::vector<table::DrainingFlows>& before,
                                     const std::vector<table::DrainingFlows>& now,
                                     const config::Config& config) {
    std::vector<Event> found;
    for (const table::DrainingFlows& one : now) {
        const table::DrainingFlows* const known =
            table::find_draining(before, one.pool, one.address);
        if (one.flows == 0 && (known == nullptr || known->flows > 0))
            found.push_back({.object = Object::kBackend,
                             .name = backend_name(
                                 one.pool, config::backend_name(config::find_pool(config, one.pool),
                                                                one.address)),
                             .change = "drained",
                             .cause = "it has no connection left"});
    }
    return found;
}

Event event_of(const plan::Outcome& outcome, const std::string& path) {
    if (!outcome.applied)
        return {.level = Level::kError,
                .object = Object::kConfig,
                .name = path,
                .change = "rejected",
                .cause = first_of(reasons_against(outcome, path))};
    return {.object = Object::kConfig,
            .name = path,
            .change = "applied",
            .cause = outcome.plan.changes.empty() ? "nothing has changed"
                                                  : first_of(outcome.plan.changes)};
}

std::optional<Event> PortEvents::observe(const std::string& port, const LinkState& link) {
    if (link.verdict == Verdict::kUnknown)
        return std::nullopt;
    Verdict& known = known_[port];
    if (known == link.verdict)
        return std::nullopt;
    known = link.verdict;
    if (link.verdict == Verdict::kGood)
        return Event{.object = Object::kPort, .name = port, .change = "up"};
    return Event{.level = Level::kWarning,
                 .object = Object::kPort,
                 .name = port,
                 .change = "down",
                 .cause = link.closed};
}

}  // namespace vipfwd::gateway
