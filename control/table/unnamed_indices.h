// SPDX-License-Identifier: Apache-2.0
// Which retired backends no flow names any more, as the workers have found.
#pragma once

#include <bit>
#include <cstdint>
#include <iterator>
#include <vector>

#include "control/table/generation_tables.h"
#include "dataplane/abi/counters.h"

namespace vipfwd::table {

// The workers' last census. Any thread may read it, also while workers write.
struct Census {
    const abi::DataplaneStatus* status = nullptr;  // null: there is none
    std::uint64_t request = 0;

    // Whether there are workers, and all of them have done what was requested.
    bool is_done() const;
};

// Whether `predicate(flow_class)` is true for a class of the services that have used the pool.
template <typename Predicate>
bool any_flow_class(const abi::PoolEntry& pool, Predicate predicate) {
    for (std::uint32_t word = 0; word < std::size(pool.flow_classes); ++word) {
        for (std::uint64_t left = pool.flow_classes[word]; left != 0; left &= left - 1) {
            const auto flow_class = word * 64 + static_cast<std::uint32_t>(std::countr_zero(left));
            if (predicate(static_cast<std::uint8_t>(flow_class)))
                return true;
        }
    }
    return false;
}

// Those of the workers that run.
std::vector<const abi::FlowCensus*> censuses_of(const abi::DataplaneStatus& status);

// By index into `tables.backends`: true for a retired backend that no flow of any worker names. All
// are false if the census is not done. A backend counts only if it was retired before the census
// began.
std::vector<bool> find_unnamed(const Tables& tables, const Census& census);

}  // namespace vipfwd::table
