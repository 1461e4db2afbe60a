// SPDX-License-Identifier: Apache-2.0
// The two sides of a region: control with a configuration of many pools, and the dataplane that
// takes its generations. They do what control/gateway and dataplane/io do, without sockets and
// ports.
#pragma once

#include <fcntl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "control/config/model.h"
#include "control/table/boot_parameters.h"
#include "control/table/build.h"
#include "control/table/publish.h"
#include "dataplane/path/snapshot.h"
#include "tests/bench/table_measure.h"

namespace vipfwd::bench {

inline constexpr std::size_t kBackendsPerPool = 10;
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
    explicit ControlSide(std::size_t pools)
        : config_(configuration(pools)),
          publisher_(must(table::Publisher::create(table::boot_parameters(config_)))) {
        publish();
    }

    // Sets the state of one backend of the last pool: in the ring, or not.
    void flip() {
        std::uint32_t& weight = config_.pools.back().backends.front().weight;
        weight = weight == 0 ? 100 : 0;
    }

    struct Cost {
        double build_us = 0;
        double publish_us = 0;
        std::size_t rings = 0;  // built and copied to the region
        double all_us() const { return build_us + publish_us; }
    };

    // From the decision to the generation in force, as Gateway::refresh() does it.
    Cost publish() {
        Cost cost;
        const Clock::time_point start = Clock::now();
        table::Build next =
            must(table::build(config_, facts_, publisher_.in_force(), publisher_.counters(), 1000));
        if (publisher_.generation() != 0 && table::same(next.tables, publisher_.in_force()))
            throw std::runtime_error("nothing to publish");
        cost.build_us = us_since(start);
        cost.rings = next.new_rings.size();
        must(publisher_.publish(std::move(next), true));
        cost.publish_us = us_since(start) - cost.build_us;
        return cost;
    }

    const table::Publisher& publisher() const { return publisher_; }

  private:
    config::Config config_;
    net::Facts facts_{
        .ports = {{.source_v4 = numbered_address(0x0a000000, 1), .source_v6 = {}, .mtu = 1500}},
        .next_hop = [](const IpAddress&) -> std::optional<net::NextHop> {
            return net::NextHop{{{2, 0, 0, 0, 0, 2}}, 0};
        },
    };
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
