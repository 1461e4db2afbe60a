// SPDX-License-Identifier: Apache-2.0
// The two sides of a region: control with a configuration of many pools, and the dataplane that
// takes its generations. They do what control/gateway and dataplane/io do, without sockets and
// ports.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "control/config/model.h"
#include "control/health/admin.h"
#include "control/health/standing.h"
#include "control/table/boot_parameters.h"
#include "control/table/build.h"
#include "control/table/changed_pools.h"
#include "control/table/publish.h"
#include "control/table/reference_rings.h"
#include "dataplane/path/snapshot.h"
#include "tests/bench/table_measure.h"

namespace vipfwd::bench {

inline constexpr std::size_t kBackendsPerPool = 50;
inline constexpr MacAddress kPortMac{{2, 0, 0, 0, 0, 1}};

inline IpAddress numbered_address(std::uint32_t network, std::size_t number) {
    return IpAddress::from_v4(Be32::from_host(network + static_cast<std::uint32_t>(number)));
}

// VIP n is 10.1.0.0 + n, and its port 80 is the service of pool n.
inline IpAddress vip(std::size_t number) {
    return numbered_address(0x0a010000, number);
}

inline config::Config configuration(std::size_t pools) {
    config::Config made;
    made.gateway.key = abi::HashKey{{11, 22}};
    config::Port& port = made.ports.emplace_back();
    port.name = "uplink";
    port.device = "eth1";
    for (std::size_t i = 0; i < pools; ++i) {
        config::Pool& pool = made.pools.emplace_back();
        pool.name = "pool" + std::to_string(i);
        pool.check.type = config::CheckType::kTcp;
        for (std::size_t k = 0; k < kBackendsPerPool; ++k) {
            config::Backend& backend = pool.backends.emplace_back();
            backend.name = "backend" + std::to_string(k);
            backend.address = numbered_address(0x0a020000, i * kBackendsPerPool + k);
        }
        config::Service& service = made.services.emplace_back();
        service.name = pool.name;
        service.vip = vip(i);
        service.port_first = service.port_last = 80;
        service.pool = i;
    }
    return made;
}

class ControlSide {
  public:
    // `changing`: the number of pools whose health flip() changes. They are the last ones.
    explicit ControlSide(std::size_t pools, std::size_t changing = 1, unsigned threads = 1)
        : config_(std::make_shared<const config::Config>(configuration(pools))),
          changing_(changing),
          threads_(threads),
          standings_(standings(health::Verdict::kGood)),
          next_standings_(standings(health::Verdict::kBad)),
          publisher_(must(table::Publisher::create(table::boot_parameters(*config_)))) {
        must(publisher_.publish(
            must(table::build(*config_, facts_, publisher_.in_force(), publisher_.counters(),
                              kNow_s, {}, {}, {.standings = standings_.get()})),
            true));
    }

    // The verdict of one backend of each changing pool changes: it is in the ring, or not.
    void flip() { std::swap(standings_, next_standings_); }

    struct Cost {
        double build_us = 0;
        double publish_us = 0;
        std::size_t rings = 0;  // built and copied to the region
        double all_us() const { return build_us + publish_us; }
    };

    // From the decision to the generation in force, as gateway::PublishJob does it.
    Cost publish() {
        Cost cost;
        const Clock::time_point start = Clock::now();
        const table::Conditions before{.standings = next_standings_.get(), .choices = &choices_};
        const table::Conditions now{.standings = standings_.get(), .choices = &choices_};
        const table::Tables& in_force = publisher_.in_force();
        table::Build next =
            table::rebuild(*config_, facts_, in_force, publisher_.counters(), kNow_s,
                           table::find_changed_pools(*config_, in_force, before, now),
                           {.references = &references_,
                            .region_rings = publisher_.region().control().rings,
                            .threads = threads_},
                           now);
        references_.update(next.tables, next.new_rings);
        if (table::same(next.tables, in_force))
            throw std::runtime_error("nothing to publish");
        cost.build_us = us_since(start);
        cost.rings = next.new_rings.size();
        must(publisher_.publish(std::move(next), true));
        cost.publish_us = us_since(start) - cost.build_us;
        return cost;
    }

    const table::Publisher& publisher() const { return publisher_; }

  private:
    static constexpr std::uint32_t kNow_s = 1000;

    // All backends are good but the first ones of the changing pools.
    std::shared_ptr<const health::Standings> standings(health::Verdict of_first) const {
        auto made = std::make_shared<health::Standings>();
        made->config = config_;
        made->numbers = std::make_shared<health::BackendNumbers>(*config_);
        made->backends.assign(made->numbers->count(), {.verdict = health::Verdict::kGood});
        for (std::size_t i = 1; i <= changing_; ++i) {
            health::Standing& first =
                made->backends[made->numbers->of(config_->pools.size() - i, 0)];
            first.verdict = of_first;
            if (of_first == health::Verdict::kBad)
                first.failure = std::make_shared<const health::Failure>();
        }
        return made;
    }

    std::shared_ptr<const config::Config> config_;
    std::size_t changing_;
    unsigned threads_;
    table::ReferenceRings references_;
    net::Facts facts_{
        .ports = {{.source_v4 = numbered_address(0x0a000000, 1), .source_v6 = {}, .mtu = 1500}},
        .next_hop = [](const IpAddress&) -> std::optional<net::NextHop> {
            return net::NextHop{{{2, 0, 0, 0, 0, 2}}, 0};
        },
    };
    health::AdminChoices choices_;
    std::shared_ptr<const health::Standings> standings_;
    std::shared_ptr<const health::Standings> next_standings_;
    table::Publisher publisher_;
};

class DataplaneSide {
  public:
    explicit DataplaneSide(const ControlSide& control)
        : region_(std::make_shared<abi::RegionMapping>(must(abi::RegionMapping::map(
              abi::Fd(fcntl(control.publisher().region().fd(), F_DUPFD_CLOEXEC, 0)),
              abi::RegionSide::kDataplane)))) {}

    // The word that tells which generation is in force.
    std::uint64_t active() const { return region_->control().active.load(); }
    // Copies and checks the generation in force, as Dataplane::take_generation() does it.
    void take(path::Snapshot& to) {
        const auto announced = abi::ActiveGeneration::unpack(active());
        must(path::take_snapshot(region_, announced, ports_, rings_, to));
    }
    // Forgets which rings were checked.
    void forget_rings() { rings_ = abi::RingCheck(); }

  private:
    std::shared_ptr<abi::RegionMapping> region_;
    std::vector<host::PortFacts> ports_{{kPortMac, 1500, 65535}};
    abi::RingCheck rings_;
};

}  // namespace vipfwd::bench
