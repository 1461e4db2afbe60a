// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/change_events.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "dataplane/abi/address_text.h"

namespace vipfwd::gateway {
namespace {

using events::Event;
using events::Level;
using events::Object;
using health::Verdict;

// Two pools of `backends` each, all of them up.
health::Standings all_up(std::size_t backends) {
    auto config = std::make_shared<config::Config>();
    for (const char* name : {"web", "db"}) {
        config::Pool pool;
        pool.name = name;
        for (std::size_t i = 0; i < backends; ++i) {
            config::Backend backend;
            backend.name = "be" + std::to_string(i + 1);
            backend.address = parse_ip("10.0.0." + std::to_string(i + 1)).value();
            pool.backends.push_back(backend);
        }
        config->pools.push_back(pool);
    }
    health::Standings standings;
    standings.numbers = std::make_shared<const health::BackendNumbers>(*config);
    standings.config = config;
    standings.backends.assign(standings.numbers->count(), {.verdict = Verdict::kGood});
    return standings;
}

health::Standing down(const std::string& reason) {
    return {.verdict = Verdict::kBad,
            .failure = std::make_shared<const health::Failure>(health::Failure{.reason = reason})};
}

TEST(ChangeEvents, ABackendThatHasChangedIsNamed) {
    health::Standings standings = all_up(2);
    standings.backends[2] = down("connection refused");
    standings.changed = {2, 1, 2};
    const std::vector<Event> events = events_of(standings, false);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(to_string(events[0]), "backend web/be2: up");
    EXPECT_EQ(to_string(events[1]), "backend db/be1: down: connection refused");
    EXPECT_EQ(events[1].level, Level::kWarning);
}

TEST(ChangeEvents, WhatIsUpWhenControlStartsIsNoEvent) {
    health::Standings standings = all_up(2);
    standings.backends[3] = down("no answer");
    standings.changed = {0, 1, 2, 3};
    const std::vector<Event> events = events_of(standings, true);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(to_string(events[0]), "backend db/be2: down: no answer");
}

TEST(ChangeEvents, WhatAnAgentSaysIsOne) {
    health::Standings standings = all_up(2);
    const auto text = [&](std::string_view line) {
        standings.backends[2].agent =
            std::make_shared<const health::AgentAnswer>(health::parse_agent_answer(line).value());
        standings.agents_changed = {2};
        const std::vector<Event> events = events_of(standings, false);
        return events.size() == 1 ? to_string(events[0]) : std::to_string(events.size());
    };
    EXPECT_EQ(text("drain"), "backend db/be1: drain: agent: drain");
    EXPECT_EQ(text("up 40%"), "backend db/be1: ready, weight 40 %: agent: up 40%");
    EXPECT_EQ(text("down"), "0") << "the verdict's event says it";
}

TEST(ChangeEvents, APathMtuThatIsTooSmallIsOneAndItsEnd) {
    health::Standings standings = all_up(2);
    standings.paths_changed = {2};
    const auto event = [&](std::uint32_t found) {
        standings.backends[2].path_mtu = std::make_shared<const health::PathMtu>(
            health::PathMtu{.wanted = 1600, .found = found});
        return events_of(standings, false).at(0);
    };
    EXPECT_EQ(event(1500).level, events::Level::kWarning);
    EXPECT_EQ(to_string(event(1500)),
              "backend db/be1: path MTU is too small: packets of 1500 bytes arrive, but not those "
              "of 1600, which the gateway sends");
    EXPECT_EQ(event(1600).level, events::Level::kInfo);
    EXPECT_EQ(to_string(event(1600)),
              "backend db/be1: path MTU is large enough: packets of 1600 bytes arrive");
}

TEST(ChangeEvents, ManyAtOnceAreCounted) {
    health::Standings standings = all_up(80);
    standings.changed.resize(160);
    std::iota(standings.changed.begin(), standings.changed.end(), 0u);
    const std::vector<Event> events = events_of(standings, false);
    ASSERT_EQ(events.size(), kMostBackendEvents + 1);
    EXPECT_EQ(to_string(events.back()),
              "backend: 60 more have changed: see `vipctl show backends`");
}

TEST(ChangeEvents, WhatAnOperatorChoosesIsOne) {
    const std::shared_ptr<const config::Config> config = all_up(1).config;
    const auto text = [&](const health::AdminChange& change) {
        return to_string(event_of(change, *config));
    };
    EXPECT_EQ(text({.pool = "web", .backend = "10.0.0.1", .state = abi::BackendAdmin::kDrain}),
              "backend web/be1: drain: chosen by an operator");
    EXPECT_EQ(text({.pool = "web",
                    .backend = "be1",
                    .state = abi::BackendAdmin::kMaint,
                    .flows_move_after_s = 600}),
              "backend web/be1: maint, its connections move in 600 s: chosen by an operator");
    EXPECT_EQ(text({.pool = "web", .backend = "be1", .changes_weight = true, .weight = 7}),
              "backend web/be1: weight 7: chosen by an operator");
    EXPECT_EQ(text({.pool = "web", .backend = "be1", .changes_weight = true}),
              "backend web/be1: weight as configured: chosen by an operator");
    const health::AdminChange ready = {
        .pool = "web", .backend = "be1", .state = abi::BackendAdmin::kReady};
    EXPECT_EQ(to_string(event_of(ready, *config, parse_ip("10.0.0.2").value())),
              "backend web/be1: ready: chosen by an operator at 10.0.0.2");
}

TEST(ChangeEvents, ABackendWithoutFlowsHasDrained) {
    const std::shared_ptr<const config::Config> config = all_up(2).config;
    const auto flows = [](const char* address, std::uint64_t count) {
        return table::DrainingFlows{"web", parse_ip(address).value(), count};
    };
    const std::vector<Event> events =
        events_of_drained({flows("10.0.0.1", 3), flows("10.0.0.2", 0)},
                          {flows("10.0.0.1", 0), flows("10.0.0.2", 0)}, *config);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(to_string(events[0]), "backend web/be1: drained: it has no connection left");
    EXPECT_EQ(events_of_drained({}, {flows("10.0.0.2", 0)}, *config).size(), 1u);
    EXPECT_TRUE(events_of_drained({}, {flows("10.0.0.2", 1)}, *config).empty());
}

TEST(ChangeEvents, AReloadSaysWhatItChanges) {
    plan::Outcome outcome;
    outcome.applied = true;
    EXPECT_EQ(to_string(event_of(outcome, "a.toml")),
              "config a.toml: applied: nothing has changed");
    outcome.plan.changes = {"pool 'web' is new", "service 'web' is new", "port 'up0' is new"};
    EXPECT_EQ(to_string(event_of(outcome, "a.toml")),
              "config a.toml: applied: pool 'web' is new, and 2 more");
}

TEST(ChangeEvents, AReloadThatIsRejectedSaysWhy) {
    plan::Outcome outcome;
    outcome.diagnostics = {{.where = {3, 1}, .message = "unknown key"}};
    const Event event = event_of(outcome, "a.toml");
    EXPECT_EQ(event.level, Level::kError);
    EXPECT_EQ(to_string(event), "config a.toml: rejected: a.toml:3:1: error: unknown key");
}

TEST(PortEventsTest, APortThatComesUpOrGoesDownIsOne) {
    PortEvents ports;
    EXPECT_FALSE(ports.observe("up0", {}));
    EXPECT_EQ(to_string(ports.observe("up0", {Verdict::kGood}).value()), "port up0: up");
    EXPECT_FALSE(ports.observe("up0", {Verdict::kGood}));
    EXPECT_FALSE(ports.observe("up0", {}));
    EXPECT_EQ(to_string(ports.observe("up0", {Verdict::kBad, "there is no interface"}).value()),
              "port up0: down: there is no interface");
    EXPECT_EQ(to_string(ports.observe("up1", {Verdict::kBad}).value()), "port up1: down");
}

}  // namespace
}  // namespace vipfwd::gateway
