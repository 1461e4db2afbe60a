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
#include "dataplane/abi/address.h"

namespace vipfwd::gateway {

class PoolEvents {
  public:
    // The changes since the tables before. Of a pool that was not in them, only that it fails open.
    std::vector<events::Event> observe(const table::Tables& tables);

  private:
    struct PoolState {
        bool fails_open = false;
        unsigned tier = 0;   // 0: not known yet
        IpAddress writer{};  // of a pool in which one backend serves at a time

        friend bool operator==(const PoolState&, const PoolState&) = default;
    };

    static PoolState state_of(const table::Tables& tables, const abi::PoolEntry& pool);
    static void compare(const std::string& name, const PoolState& was, const PoolState& is,
                        std::vector<events::Event>& changes);

    std::map<std::string, PoolState, std::less<>> pools_;
};

}  // namespace vipfwd::gateway
