// SPDX-License-Identifier: Apache-2.0
// How many flows the backends have left that get no new ones by choice (is_draining_by_choice()),
// as the workers have counted them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "control/table/generation_tables.h"
#include "control/table/unnamed_indices.h"
#include "dataplane/abi/address.h"

namespace vipfwd::table {

// What a census is to count: the flows of draining backends. Of those that do not fit, because
// there are too many, nothing will be known.
struct DrainingWatch {
    struct Backend {
        std::string pool = {};
        IpAddress address = {};
        std::size_t first = 0;  // of its keys, one for each flow class of the pool
        std::size_t count = 0;
    };

    std::vector<Backend> backends;
    std::vector<std::uint32_t> keys;  // abi::WatchedBackends::key()
};

DrainingWatch watch_draining(const Tables& tables);

// Services that share a flow class may have flows counted for each other: this is the most that it
// can be. It is exact for up to 256 services.
struct DrainingFlows {
    std::string pool = {};
    IpAddress address = {};
    std::uint64_t flows = 0;

    friend bool operator==(const DrainingFlows&, const DrainingFlows&) = default;
};

// By pool and address. Empty if the census, which was requested with these keys, is not done.
std::vector<DrainingFlows> count_draining(const DrainingWatch& watch, const Census& census);

// Null: not known.
const DrainingFlows* find_draining(const std::vector<DrainingFlows>& all, std::string_view pool,
                                   const IpAddress& address);

}  // namespace vipfwd::table
