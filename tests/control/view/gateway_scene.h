// SPDX-License-Identifier: Apache-2.0
// A gateway at one moment, with a real region: config and next hops are those of the tables'
// sample.
#pragma once

#include <fcntl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "control/health/checks.h"
#include "control/table/boot_parameters.h"
#include "control/view/snapshot.h"
#include "dataplane/abi/clock.h"
#include "tests/control/table/sample.h"

namespace vipfwd::view {

using table::sample::ip;

class Scene {
  public:
    explicit Scene(config::Config configured = table::sample::config())
        : config(std::move(configured)) {
        config.dataplane.memory = abi::Memory::kNormal;
        for (std::size_t i = 0; i < config.ports.size(); ++i)
            config.ports[i].device = "eth" + std::to_string(i + 1);
    }

    // A dataplane connects: there is a region, and the configured tables are in force.
    void start_dataplane() {
        publisher.emplace(table::Publisher::create(table::boot_parameters(config)).value());
        abi::Fd copy(fcntl(publisher->region().fd(), F_DUPFD_CLOEXEC, 0));
        dataplane.emplace(
            abi::RegionMapping::map(std::move(copy), abi::RegionSide::kDataplane).value());
        status().booted = table::boot_parameters(config);
        link = {.connected = true, .ready = true, .pid = 4711};
        publish();
    }

    void publish() {
        table::Build next =
            table::build(config, facts, publisher->in_force(), publisher->counters(), 1000, {}, {},
                         {.standings = standings ? &*standings : nullptr})
                .value();
        ASSERT_TRUE(publisher->publish(std::move(next), true));
        link.acknowledged_generation = publisher->generation();
    }

    // The status as the dataplane writes it.
    abi::DataplaneStatus& status() { return dataplane->status_for_writing(); }

    Source source() const {
        return {.config = config,
                .config_path = path,
                .warnings = warnings,
                .waiting = waiting,
                .reload_errors = reload_errors,
                .steering_problems = steering_problems,
                .publisher = publisher ? &*publisher : nullptr,
                .find_hop =
                    [this](const IpAddress& address) {
                        return net::Hop{facts.next_hop(address), net::HopState::kReachable};
                    },
                .dataplane = link,
                .standings = standings ? &*standings : nullptr,
                .uptime_s = 60,
                .now_ns = 5'000'000'000,
                .now_s = 2000};
    }

    Snapshot snapshot() const {
        const Source now = source();
        Snapshot taken = take_snapshot(now, shared_config(), now.find_hop);
        if (checks)
            taken.checks = [this] { return *checks; };
        return taken;
    }

    // All backends of the pool have a check of the same type, and no result yet. The next
    // generation that is published goes by the standings.
    void check_pool(std::size_t pool) {
        config.pools[pool].check = {.type = config::CheckType::kTcp, .port = 80};
        const auto numbers = std::make_shared<const health::BackendNumbers>(config);
        standings = health::Standings{shared_config(), numbers, {}};
        standings->backends.resize(numbers->count());
        checks = health::CheckViews{shared_config(), numbers, {}, {}};
        checks->of_backends.assign(numbers->count(), health::CheckViews::kUnchecked);
        for (std::size_t i = 0; i < config.pools[pool].backends.size(); ++i) {
            checks->of_backends[numbers->of(pool, i)] = static_cast<std::uint32_t>(i);
            checks->checks.push_back(
                {.target = {config.pools[pool].backends[i].address, config.pools[pool].check}});
        }
    }

    // Of the pool that was passed to check_pool().
    void give(std::size_t pool, std::size_t backend, const health::ProbeResult& result) {
        const std::uint32_t number = standings->numbers->of(pool, backend);
        health::CheckView& check = checks->checks.at(checks->of_backends.at(number));
        check.record.add(result, unix_ms(), 250);
        check.record.note_verdict_change();
        check.since_ms = check.record.since_ms();
        check.standing.verdict = result.is_good() ? health::Verdict::kGood : health::Verdict::kBad;
        check.standing.failure =
            result.is_good()
                ? nullptr
                : std::make_shared<const health::Failure>(health::Failure{.reason = result.reason});
        standings->backends.at(number) = check.standing;
    }

    // The backend has a tunnel then.
    void measure_path(std::size_t pool, std::size_t backend, const health::PathMtu& mtu) {
        const std::uint32_t number = standings->numbers->of(pool, backend);
        health::CheckView& check = checks->checks.at(checks->of_backends.at(number));
        check.target.tunnel.emplace();
        check.standing.path_mtu = std::make_shared<const health::PathMtu>(mtu);
        standings->backends.at(number) = check.standing;
    }

    // The same of its agent, which the configuration may lack.
    void let_agent_say(std::size_t pool, std::size_t backend, std::string_view line) {
        const std::uint32_t number = standings->numbers->of(pool, backend);
        health::CheckView& check = checks->checks.at(checks->of_backends.at(number));
        check.agent.emplace().add({.kind = health::ProbeResult::Kind::kGood}, unix_ms(), 250);
        check.standing.agent =
            std::make_shared<const health::AgentAnswer>(health::parse_agent_answer(line).value());
        standings->backends.at(number) = check.standing;
    }

    // Owned by the scene.
    std::shared_ptr<const config::Config> shared_config() const {
        return {std::shared_ptr<const void>(), &config};
    }

    config::Config config;
    std::optional<health::Standings> standings;
    std::optional<health::CheckViews> checks;
    std::string path = "/etc/vipfwd/vipfwd.toml";
    std::vector<std::string> warnings;
    std::vector<std::string> waiting;
    std::vector<std::string> reload_errors;
    std::vector<std::string> steering_problems;
    net::Facts facts = table::sample::facts();
    std::optional<table::Publisher> publisher;
    std::optional<abi::RegionMapping> dataplane;
    DataplaneConnection link;
};

}  // namespace vipfwd::view
