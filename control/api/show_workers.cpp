// SPDX-License-Identifier: Apache-2.0
#include "control/api/counters_json.h"
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/workers.h"

namespace vipfwd::api {
namespace {

Json show(const view::WorkerRow& row) {
    Json shown = {{"worker", row.number},
                  {"lcore", value_or_null(row.lcore)},
                  {"alive", row.alive},
                  {"heartbeat_age_ms", value_or_null(row.heartbeat_age_ms)},
                  {"generation", row.generation}};
    add_counters(shown, abi::kWorkerCounters, row.counters);
    shown["busy"] = value_or_null(row.busy);
    shown["busy_mean"] = value_or_null(row.busy_mean);
    return shown;
}

}  // namespace

Json show_workers(const view::Source& source) {
    Json list = Json::array();
    for (const view::WorkerRow& row : view::workers(source))
        list.push_back(show(row));
    return list;
}

}  // namespace vipfwd::api
