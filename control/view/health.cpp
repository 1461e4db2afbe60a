// SPDX-License-Identifier: Apache-2.0
#include "control/view/health.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "control/view/in_force.h"
#include "control/view/losses.h"
#include "control/view/ports.h"
#include "control/view/warnings.h"
#include "control/view/workers.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::view {
namespace {

using Reasons = std::vector<std::string>;

// Why nothing is forwarded at all.
void find_outage(const Source& source, Reasons& reasons) {
    const DataplaneConnection& dataplane = source.dataplane;
    if (!dataplane.connected)
        reasons.emplace_back(
            "no dataplane is connected, so that no packet is forwarded; is vipfwd-dataplane "
            "running?");
    else if (!dataplane.ready)
        reasons.emplace_back("the dataplane is starting: its ports are not open yet");
}

std::string problem_of(const PortRow& port) {
    switch (port.state) {
        case PortDisplayState::kUp:
            break;
        case PortDisplayState::kDown:
            return "its link is down";
        case PortDisplayState::kAbsent:
            return "its device is gone";
        case PortDisplayState::kNotRunning:
            return "the dataplane has not opened it";
        case PortDisplayState::kNoInterface:
            return "there is no interface " + port.device + "; the dataplane waits for it";
        case PortDisplayState::kCannotOpen:
            return "the dataplane cannot open " + port.device +
                   ", as its log says, and tries again every second";
    }
    if (port.unopened_queues == 0)
        return "";
    return "packets in " + std::to_string(port.unopened_queues) + " receive queues of " +
           port.device + " are missed; set queues to their number, or reduce it (ethtool -L)";
}

// Returns whether some port is up.
bool add_ports(const Source& source, Reasons& reasons) {
    bool is_any_up = false;
    for (const PortRow& port : ports(source)) {
        is_any_up |= port.state == PortDisplayState::kUp;
        if (const std::string problem = problem_of(port); !problem.empty())
            reasons.push_back("port " + port.name + ": " + problem);
    }
    reasons.insert(reasons.end(), source.steering_problems.begin(), source.steering_problems.end());
    return is_any_up;
}

void add_workers(const Source& source, Reasons& reasons) {
    for (const WorkerRow& worker : workers(source)) {
        if (worker.heartbeat_age_ms && !worker.alive)
            reasons.push_back("worker " + std::to_string(worker.number) +
                              " has not run for more than a second");
    }
}

void add_groups(const Source& source, Reasons& reasons) {
    for (const group::GroupStatus& status : source.groups) {
        for (const group::Hindrance& hindrance : status.hindrances)
            reasons.push_back("group " + status.name +
                              " cannot own its VIPs here: " + to_string(hindrance));
    }
    for (const IpAddress& vip : source.config.unowned_vips)
        reasons.push_back("VIP " + to_string(vip) +
                          ": its group cannot run before the dataplane's next start");
    const Reasons told = warnings(source);
    reasons.insert(reasons.end(), told.begin(), told.end());
}

void add_losses(const Source& source, Reasons& reasons) {
    const abi::DataplaneStatus* status = dataplane_status(source);
    if (source.losses_before == nullptr || status == nullptr)
        return;
    if (std::string lost = describe_losses(*source.losses_before, count_losses(*status));
        !lost.empty())
        reasons.push_back(std::move(lost));
}

void add_configuration(const Source& source, Reasons& reasons) {
    if (!source.reload_errors.empty()) {
        reasons.push_back("the last reload of " + source.config_path +
                          " failed, and the configuration before it is in force: " +
                          source.reload_errors.front());
    }
    if (!source.waiting.empty())
        reasons.emplace_back("changes wait for the dataplane's next start; see config");
    else if (source.dataplane.connected && source.dataplane.boot_differs)
        reasons.emplace_back("the dataplane was started with other parameters; restart it");
    if (source.dataplane.rejected)
        reasons.push_back("the dataplane rejected generation " +
                          std::to_string(source.dataplane.rejected->generation) + ": " +
                          source.dataplane.rejected->reason);
}

}  // namespace

Health health(const Source& source) {
    Health health;
    find_outage(source, health.reasons);
    if (!health.reasons.empty()) {
        health.verdict = Health::Verdict::kDown;
    } else {
        if (!add_ports(source, health.reasons))
            health.verdict = Health::Verdict::kDown;
        add_workers(source, health.reasons);
        add_groups(source, health.reasons);
        add_losses(source, health.reasons);
    }
    add_configuration(source, health.reasons);
    if (health.verdict == Health::Verdict::kOk && !health.reasons.empty())
        health.verdict = Health::Verdict::kDegraded;
    return health;
}

}  // namespace vipfwd::view
