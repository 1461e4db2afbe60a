// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "control/api/in_force.h"
#include "control/api/views.h"
#include "control/api/worker_sums.h"
#include "dataplane/abi/drop_reason.h"

namespace vipfwd::api {
namespace {

struct Count {
    abi::DropReasonText text;
    std::uint64_t packets = 0;
};

std::vector<Count> counts(const abi::DataplaneStatus* status) {
    std::vector<Count> all;
    for (std::size_t i = 0; i < abi::kDropReasonCount; ++i) {
        const auto of_worker = [i](const abi::WorkerCounters& counters) {
            return counters.dropped[i].read();
        };
        all.push_back(
            {abi::kDropReasonTexts[i], status != nullptr ? sum_workers(*status, of_worker) : 0});
    }
    return all;
}

}  // namespace

Json show_drops(const State& state, bool all) {
    std::vector<Count> reasons = counts(dataplane_status(state));
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const Count& a, const Count& b) { return a.packets > b.packets; });
    Json list = Json::array();
    for (const Count& one : reasons) {
        if (all || one.packets > 0)
            list.push_back({{"reason", one.text.name},
                            {"description", one.text.description},
                            {"packets", one.packets}});
    }
    return list;
}

}  // namespace vipfwd::api
