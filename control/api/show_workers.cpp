// SPDX-License-Identifier: Apache-2.0
#include "control/api/in_force.h"
#include "control/api/views.h"
#include "control/api/worker_sums.h"

namespace vipfwd::api {
namespace {

constexpr std::uint64_t kAlive_ns = 1'000'000'000;

// Zero for a heartbeat that came after the question.
std::uint64_t age_ns(std::uint64_t heartbeat_ns, std::uint64_t now_ns) {
    return now_ns - std::min(heartbeat_ns, now_ns);
}

Json busy(const abi::WorkerCounters& counters) {
    // Empty ones first, so that they are not more than all.
    const std::uint64_t empty = counters.polls_empty.read();
    const std::uint64_t all = counters.polls.read();
    if (all == 0)
        return nullptr;
    return 1.0 - static_cast<double>(std::min(empty, all)) / static_cast<double>(all);
}

Json worker(const abi::WorkerStatus& status, std::uint32_t number, std::uint64_t now_ns) {
    const std::uint64_t heartbeat_ns = status.heartbeat_ns.load();
    const bool beats = heartbeat_ns != 0;
    const std::uint64_t age = age_ns(heartbeat_ns, now_ns);
    const abi::WorkerCounters& counters = status.counters;
    return {{"worker", number},
            {"lcore", beats ? Json(status.lcore.load()) : Json()},
            {"alive", beats && age < kAlive_ns},
            {"heartbeat_age_ms", beats ? Json(age / 1'000'000) : Json()},
            {"generation", status.generation.load()},
            {"received", counters.received_packets.read()},
            {"forwarded", counters.forwarded_packets.read()},
            {"to_kernel", counters.to_kernel_packets.read()},
            {"answered", counters.answered_packets.read()},
            {"dropped", sum_dropped(counters)},
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
            {"busy", busy(counters)}};
}

}  // namespace

Json show_workers(const State& state) {
    Json list = Json::array();
    const abi::DataplaneStatus* status = dataplane_status(state);
    if (status == nullptr)
        return list;
    const auto boot = booted(state);
    const std::uint32_t started = boot ? boot->worker_count : 0;
    for (std::uint32_t i = 0; i < abi::kMaxWorkers; ++i) {
        if (i < started || status->workers[i].heartbeat_ns.load() != 0)
            list.push_back(worker(status->workers[i], i, state.now_ns));
    }
    return list;
}

}  // namespace vipfwd::api
