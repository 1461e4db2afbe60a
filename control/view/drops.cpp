// SPDX-License-Identifier: Apache-2.0
#include "control/view/drops.h"

#include <algorithm>

#include "control/view/in_force.h"
#include "control/view/worker_sums.h"

namespace vipfwd::view {

std::vector<DropRow> drops(const Source& source) {
    const abi::DataplaneStatus* status = dataplane_status(source);
    std::vector<DropRow> rows;
    for (std::size_t i = 0; i < abi::kDropReasonCount; ++i) {
        const auto of_worker = [i](const abi::WorkerCounters& counters) {
            return counters.dropped[i].read();
        };
        rows.push_back({static_cast<abi::DropReason>(i),
                        status != nullptr ? sum_workers(*status, of_worker) : 0});
    }
    std::ranges::stable_sort(rows, std::ranges::greater(), &DropRow::packets);
    return rows;
}

}  // namespace vipfwd::view
