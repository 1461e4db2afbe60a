// SPDX-License-Identifier: Apache-2.0
#include "control/view/status.h"

#include <map>

#include "control/view/in_force.h"

namespace vipfwd::view {
namespace {

std::optional<std::uint64_t> dataplane_uptime_s(const Source& source) {
    const abi::DataplaneStatus* status = dataplane_status(source);
    if (status == nullptr || !source.dataplane.connected)
        return std::nullopt;
    const std::uint64_t started_at_s = status->started_at_s.load();
    if (started_at_s == 0 || started_at_s > source.now_s)
        return std::nullopt;
    return source.now_s - started_at_s;
}

bool is_owned(const Source& source, const abi::VipEntry& vip) {
    if (!abi::is_lease(vip.lease))
        return vip.lease == abi::kNoGroup;
    const abi::LeaseArea& leases = source.publisher->region().control().leases;
    return leases.groups[vip.lease].owns(source.now_ns);
}

std::vector<VipStatus> vips(const Source& source) {
    std::map<IpAddress, std::string> groups;
    for (const config::Group& group : source.config.groups) {
        for (const IpAddress& vip : group.vips)
            groups.emplace(vip, group.name);
    }
    std::vector<VipStatus> all;
    for (const abi::VipEntry& vip : tables_in_force(source).vips) {
        const auto group = groups.find(vip.address);
        all.push_back(
            {.address = vip.address,
             .owned = source.dataplane.connected && is_owned(source, vip),
             .group = group != groups.end() ? std::optional(group->second) : std::nullopt});
    }
    return all;
}

}  // namespace

Status status(const Source& source) {
    Status shown;
    if (source.publisher != nullptr) {
        shown.generation = source.publisher->generation();
        shown.region_id = source.publisher->region().region_id();
    }
    shown.dataplane_uptime_s = dataplane_uptime_s(source);
    shown.dataplane_restart_needed = source.dataplane.connected && source.dataplane.boot_differs;
    if (const abi::DataplaneStatus* dataplane = dataplane_status(source))
        shown.totals = sum_counters(*dataplane);
    shown.vips = vips(source);
    return shown;
}

}  // namespace vipfwd::view
