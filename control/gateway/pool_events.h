// SPDX-License-Identifier: Apache-2.0
// Notices what the policies of pools change: a pool fails open, its backup tier takes over, another
// backend serves.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/events/event.h"
#include "control/table/generation_tables.h"
#include "control/table/pool_writers.h"
#include "dataplane/abi/address.h"

namespace vipfwd::gateway {

class PoolEvents {
  public:
    // The changes since the tables before; of the first ones, only which pools fail open.
    // `followed` are the writers at the owners of VIPs.
    std::vector<events::Event> observe(const table::Tables& tables,
                                       const table::PoolWriters& followed = {});

  private:
    struct PoolState {
        bool fails_open = false;
        unsigned tier = 1;
        IpAddress writer{};  // of a pool in which one backend serves at a time

        friend bool operator==(const PoolState&, const PoolState&) = default;
    };

    static PoolState state_of(const table::Tables& tables, const abi::PoolEntry& pool);
    static void compare(const std::string& name, const PoolState& was, const PoolState& is,
                        bool is_followed, std::vector<events::Event>& changes);

    // Most pools are as PoolState is by default: those are left out.
    std::map<std::string, PoolState, std::less<>> pools_;
    bool is_first_ = true;
};

}  // namespace vipfwd::gateway
