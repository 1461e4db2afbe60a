// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "control/api/in_force.h"
#include "control/api/views.h"
#include "control/api/worker_sums.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using abi::WorkerCounters;

Json region(const State& state) {
    if (state.publisher == nullptr)
        return nullptr;
    return {{"id", fmt::format("{:016x}", state.publisher->region().region_id())}};
}

Json rejected(const DataplaneLink& link) {
    if (!link.rejected)
        return nullptr;
    return {{"generation", link.rejected->generation}, {"reason", link.rejected->reason}};
}

Json dataplane_uptime_s(const State& state) {
    const abi::DataplaneStatus* status = dataplane_status(state);
    if (status == nullptr || !state.dataplane.connected)
        return nullptr;
    const std::uint64_t started_at_s = status->started_at_s.load();
    if (started_at_s == 0 || started_at_s > state.now_s)
        return nullptr;
    return state.now_s - started_at_s;
}

Json dataplane(const State& state) {
    const DataplaneLink& link = state.dataplane;
    return {{"connected", link.connected},
            {"ready", link.ready},
            {"pid", link.connected ? Json(link.pid) : Json()},
            {"acknowledged_generation", link.acknowledged_generation},
            {"publish_pending", link.publish_pending},
            {"rejected", rejected(link)},
            {"restart_needed", link.connected && link.boot_differs},
            {"uptime_s", dataplane_uptime_s(state)}};
}

Json totals(const abi::DataplaneStatus& status) {
    return {{"received", sum_workers(status, &WorkerCounters::received_packets)},
            {"forwarded", sum_workers(status, &WorkerCounters::forwarded_packets)},
            {"to_kernel", sum_workers(status, &WorkerCounters::to_kernel_packets)},
            {"answered", sum_workers(status, &WorkerCounters::answered_packets)},
            {"dropped", sum_workers(status, sum_dropped)},
            {"held", sum_workers(status, &WorkerCounters::held)},
            {"split", sum_workers(status, &WorkerCounters::split_frames)},
            {"own", sum_workers(status, &WorkerCounters::own_frames)},
            {"transmitted", sum_workers(status, &WorkerCounters::transmitted_packets)}};
}

Json bytes(const abi::DataplaneStatus& status) {
    return {{"received", sum_workers(status, &WorkerCounters::received_bytes)},
            {"forwarded", sum_workers(status, &WorkerCounters::forwarded_bytes)},
            {"transmitted", sum_workers(status, &WorkerCounters::transmitted_bytes)}};
}

Json zeros(std::initializer_list<const char*> names) {
    Json numbers = Json::object();
    for (const char* name : names)
        numbers[name] = 0;
    return numbers;
}

bool owns(const State& state, const abi::VipEntry& vip) {
    if (vip.lease == abi::kNoGroup)
        return true;
    const abi::LeaseArea& leases = state.publisher->region().control().leases;
    return leases.groups[vip.lease].owns(state.now_ns);
}

Json vips(const State& state) {
    std::map<IpAddress, std::string> groups;
    for (const config::Group& group : state.config.groups) {
        for (const IpAddress& vip : group.vips)
            groups.emplace(vip, group.name);
    }
    Json list = Json::array();
    for (const abi::VipEntry& vip : tables_in_force(state).vips) {
        const auto group = groups.find(vip.address);
        list.push_back({{"address", to_string(vip.address)},
                        {"owned", owns(state, vip)},
                        {"group", group != groups.end() ? Json(group->second) : Json()}});
    }
    return list;
}

}  // namespace

Json show_status(const State& state) {
    const abi::DataplaneStatus* status = dataplane_status(state);
    Json shown;
    shown["gateway"] = state.config.gateway.name;
    shown["version"] = VIPFWD_VERSION;
    shown["uptime_s"] = state.uptime_s;
    shown["config"] = {{"path", state.config_path}, {"warnings", state.warnings}};
    shown["generation"] = state.publisher != nullptr ? state.publisher->generation() : 0;
    shown["region"] = region(state);
    shown["dataplane"] = dataplane(state);
    shown["totals"] = status != nullptr ? totals(*status)
                                        : zeros({"received", "forwarded", "to_kernel", "answered",
                                                 "dropped", "held", "split", "own", "transmitted"});
    shown["bytes"] =
        status != nullptr ? bytes(*status) : zeros({"received", "forwarded", "transmitted"});
    shown["vips"] = vips(state);
    return shown;
}

}  // namespace vipfwd::api
