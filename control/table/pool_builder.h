// SPDX-License-Identifier: Apache-2.0
// Makes the entries of pools and of their backends from what is known of them, and says which rings
// have to be built for them. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/table/build.h"
#include "control/table/generation_tables.h"
#include "control/table/number_allocator.h"
#include "control/table/pool_plans.h"
#include "control/table/pool_policy.h"
#include "control/table/ring_builder.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

class PoolBuilder {
  public:
    // As for build(); the arguments must outlive the builder.
    PoolBuilder(const config::Config& config, const net::Facts& facts, const Tables& previous,
                const Counters& counters, std::uint32_t now_s, const Conditions& conditions);

    // Needed before plans with new backends are added. `plans` are those of all pools.
    void mark_counters(std::span<const PoolPlan> plans);

    // Appends the entry of config.pools[number], and those of its backends, to `to`, whose key
    // counts. The entry has no services' flow classes but those that it had before. If the pool
    // needs a new ring, the entry has none, and there is an order for it.
    void add(std::size_t number, const PoolPlan& plan, Tables& to);

    // For all pools that were added.
    std::vector<RingOrder> take_ring_orders() { return std::exchange(ring_orders_, {}); }

  private:
    // CLOCK_BOOTTIME.
    std::uint64_t now_ms() const {
        return conditions_.now_ms != 0 ? conditions_.now_ms : std::uint64_t{now_s_} * 1000;
    }
    void serve_by_policy(std::size_t number, bool is_new, abi::PoolEntry& entry,
                         std::vector<abi::BackendEntry>& backends);
    void add_ring(std::size_t number, abi::PoolEntry& pool, const abi::PoolEntry* previous,
                  const Tables& to);
    bool has_ring_of_its_kind(const abi::PoolEntry& pool, const abi::PoolEntry& previous,
                              const Tables& to) const;
    bool has_reference_ring(const abi::PoolEntry& pool, const abi::PoolEntry& previous,
                            const Tables& to) const;
    bool keep_ring(abi::PoolEntry& pool, const abi::PoolEntry& previous, const Tables& to) const;
    void add_backend(std::size_t pool, std::uint32_t number, const AssignedIndex& index,
                     std::vector<abi::BackendEntry>& to);
    void add_retired_backend(const abi::BackendEntry& previous,
                             std::vector<abi::BackendEntry>& to) const;

    const config::Config& config_;
    const net::Facts& facts_;
    const Tables& previous_;
    const Counters& counters_;
    const std::uint32_t now_s_;
    Conditions conditions_;
    std::vector<bool> pool_has_udp_;
    NumberAllocator backend_counters_{abi::kMaxBackends};  // marked only if there are new backends
    std::vector<RingOrder> ring_orders_;
    // Of the backends of one pool, in the order of the configuration; the vectors are reused.
    std::vector<PoolMember> members_;
    std::vector<std::size_t> position_;  // of their entries in the table
};

}  // namespace vipfwd::table
