// SPDX-License-Identifier: Apache-2.0
// Configuration + what the network says + the generation in force -> the next generation. Pure.
//
// What must not change under living flows is carried over from the generation before: a pool's salt
// (by its name), a backend's index (by pool and address), the counters of a service (by VIP,
// protocol, ports) and of a backend. A removed backend's index stays retired until no flow can name
// it any more.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/result.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

// The tables of a generation in memory of our own, as long as they need be.
struct Tables {
    abi::HashKey key;
    std::uint32_t next_pool_salt = 1;
    abi::FlowTimeouts timeouts{};
    std::uint32_t new_flows_per_s = 0;  // 0: no limit
    std::uint16_t gue_port = 0;
    std::vector<abi::PortEntry> ports;
    std::vector<abi::GroupEntry> groups;      // in the order of the configuration
    std::vector<abi::AdvertEntry> adverts;    // in the order of their groups
    std::vector<abi::VipEntry> vips;          // ordered by address
    std::vector<abi::ServiceEntry> services;  // in the order of the configuration
    std::vector<abi::PoolEntry> pools;        // in the order of the configuration
    std::vector<abi::BackendEntry> backends;
};

// A ring to be put into a free ring store before the tables can be published.
struct NewRing {
    std::size_t pool = 0;  // index into Tables::pools
    std::vector<std::uint16_t> slots;
};

struct Build {
    Tables tables;
    std::vector<NewRing> new_rings;  // of pools whose ring is not that of the generation before
};

// Values of the region's counters: what a counter that changes hands starts from.
struct CounterValue {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
};

struct Counters {
    std::function<CounterValue(std::uint32_t counter)> service;
    std::function<CounterValue(std::uint32_t counter)> backend;
};

// `now_s` is CLOCK_BOOTTIME. An error if the limits leave no room, which names the limit.
Result<Build> build(const config::Config& config, const net::Facts& facts, const Tables& previous,
                    const Counters& counters, std::uint32_t now_s);

// True if publishing `next` would change nothing.
bool same(const Tables& next, const Tables& previous);

// The parameters that a dataplane started now would get.
abi::BootParameters boot_parameters(const config::Config& config);

// The rows of a configured pool's backends, in the order of the configuration; null where there is
// none (yet).
std::vector<const abi::BackendEntry*> backend_rows(const Tables& tables, const config::Pool& pool);

// The lease of the group of that name, or kNoGroup.
std::uint16_t find_lease(const Tables& tables, std::string_view group);

// The pool of that name, or null.
const abi::PoolEntry* find_pool(const Tables& tables, std::string_view name);

}  // namespace vipfwd::table
