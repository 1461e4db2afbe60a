// SPDX-License-Identifier: Apache-2.0
// Builds the next generation from the configuration, the facts about the network, and the
// generation in force. Pure.
//
// What must not change under living flows is taken from the previous generation: a pool's salt
// (previous_pools.h says which pool it was), a backend's index (by pool and address), and the
// counters of a service (by VIP, protocol and ports) and of a backend, and the health of a backend
// that no check knows yet. The index of a removed backend stays retired until no flow names it:
// until the workers say so, for some hours at most, or until all backends of the pool are replaced
// by others, which gives the pool a new salt. So is the key of hashes, if the configuration has
// none.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "control/config/model.h"
#include "control/health/admin.h"
#include "control/health/standing.h"
#include "control/net/facts.h"
#include "control/table/generation_tables.h"
#include "control/table/pool_writers.h"
#include "control/table/ring_builder.h"
#include "dataplane/abi/result.h"

namespace vipfwd::table {

struct Build {
    Tables tables;
    std::vector<NewRing> new_rings;  // that no pool of the previous generation has
};

// The value of a counter in the region: the baseline of the service or backend that gets it.
struct CounterValue {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
};

struct Counters {
    std::function<CounterValue(std::uint32_t counter)> service;
    std::function<CounterValue(std::uint32_t counter)> backend;
};

// What is known of backends besides the configuration. Without it, what the previous generation
// says goes on.
struct Conditions {
    const health::Standings* standings = nullptr;  // of another configuration: they do not count
    const health::AdminChoices* choices = nullptr;
    const PoolWriters* followed_writers = nullptr;  // of the owners of VIPs; null: of none
    std::uint64_t now_ms = 0;  // CLOCK_BOOTTIME, for slow starts; 0: only seconds are known

    // The writer of that pool at the owner of its VIPs; none: it is not known, or there is none.
    IpAddress followed_writer(std::string_view pool) const;
};

// `now_s` is CLOCK_BOOTTIME. `unnamed` says which retired backends of `previous` no flow names
// (find_unnamed()); empty: not known. An error names the limit that the backends exceed.
Result<Build> build(const config::Config& config, const net::Facts& facts, const Tables& previous,
                    const Counters& counters, std::uint32_t now_s, const RingSupply& supply = {},
                    const std::vector<bool>& unnamed = {}, const Conditions& conditions = {});

// The same in less time, if `previous` was built from the same configuration and facts, and only
// what is known of backends has changed since: `pools` are the numbers of the pools that it may
// concern, see find_changed_pools(). All retired backends stay.
Build rebuild(const config::Config& config, const net::Facts& facts, const Tables& previous,
              const Counters& counters, std::uint32_t now_s, std::span<const std::size_t> pools,
              const RingSupply& supply, const Conditions& conditions);

}  // namespace vipfwd::table
