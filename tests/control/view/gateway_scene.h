// SPDX-License-Identifier: Apache-2.0
// A gateway at one moment, with a real region: config and next hops are those of the tables'
// sample.
#pragma once

#include <fcntl.h>

#include <memory>
#include <string>
#include <vector>

#include "control/table/boot_parameters.h"
#include "control/view/snapshot.h"
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
            table::build(config, facts, publisher->in_force(), publisher->counters(), 1000).value();
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
                .uptime_s = 60,
                .now_ns = 5'000'000'000,
                .now_s = 2000};
    }

    Snapshot snapshot() const {
        const Source now = source();
        const std::shared_ptr<const void> owned_by_the_scene;
        return take_snapshot(now, {owned_by_the_scene, &config}, now.find_hop);
    }

    config::Config config;
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
