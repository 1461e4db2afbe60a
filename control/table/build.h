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
#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/result.h"

namespace vipfwd::table {

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

// The parameters that a dataplane started now would get.
abi::BootParameters boot_parameters(const config::Config& config);

// The rows of a configured pool's backends, in the order of the configuration; null where there is
// none (yet).
std::vector<const abi::BackendEntry*> backend_rows(const Tables& tables, const config::Pool& pool);

}  // namespace vipfwd::table
