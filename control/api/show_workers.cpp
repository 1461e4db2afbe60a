// SPDX-License-Identifier: Apache-2.0
#include "control/api/show.h"
#include "control/api/words.h"
#include "control/view/worker_sums.h"
#include "control/view/workers.h"

namespace vipfwd::api {
namespace {

Json show(const view::WorkerRow& row) {
    const abi::WorkerCounters& counters = row.counters;
    return {{"worker", row.number},
            {"lcore", value_or_null(row.lcore)},
            {"alive", row.alive},
            {"heartbeat_age_ms", value_or_null(row.heartbeat_age_ms)},
            {"generation", row.generation},
            {"received", counters.received_packets.read()},
            {"forwarded", counters.forwarded_packets.read()},
            {"to_kernel", counters.to_kernel_packets.read()},
            {"answered", counters.answered_packets.read()},
            {"dropped", view::sum_dropped(counters)},
            {"handed_in", counters.handed_in.read()},
            {"handed_out", counters.handed_out.read()},
            {"held", counters.held.read()},
            {"split_frames", counters.split_frames.read()},
            {"own_frames", counters.own_frames.read()},
            {"transmitted", counters.transmitted_packets.read()},
            {"too_big_answers", counters.too_big_answers.read()},
            {"icmp_small_mtu", counters.icmp_small_mtu.read()},
            {"bytes",
             {{"received", counters.received_bytes.read()},
              {"forwarded", counters.forwarded_bytes.read()},
              {"transmitted", counters.transmitted_bytes.read()}}},
            {"flows",
             {{"hits", counters.flow_hits.read()},
              {"inserts", counters.flow_inserts.read()},
              {"evictions", counters.flow_evictions.read()},
              {"table_full", counters.flow_table_full.read()},
              {"over_budget", counters.flow_over_budget.read()},
              {"missed", counters.flow_missed.read()}}},
            {"polls", counters.polls.read()},
            {"busy", value_or_null(row.busy)}};
}

}  // namespace

Json show_workers(const view::Source& source) {
    Json list = Json::array();
    for (const view::WorkerRow& row : view::workers(source))
        list.push_back(show(row));
    return list;
}

}  // namespace vipfwd::api
