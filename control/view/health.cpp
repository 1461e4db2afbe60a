// SPDX-License-Identifier: Apache-2.0
#include "control/view/health.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "control/table/backend_entries.h"
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
    else if (source.dataplane.acknowledged_generation == 0)
        reasons.emplace_back("the dataplane is starting: it has no tables yet");
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

std::string describe(const config::Pool& pool, const config::Backend& backend) {
    return "backend '" + backend.name + "' of pool '" + pool.name + "' (" +
           to_string(backend.address) + ")";
}

// Backends whose packets are dropped because their next hop is not resolved. Those that have an
// address of this gateway are left to warnings(), which say what to do about them.
void add_unresolved(const Source& source, Reasons& reasons) {
    const table::Tables& tables = tables_in_force(source);
    if (std::ranges::none_of(tables.backends, table::lacks_next_hop))
        return;
    std::string first;
    std::size_t unresolved = 0;
    for (const config::Pool& pool : source.config.pools) {
        const std::vector<const abi::BackendEntry*> entries = table::backend_entries(tables, pool);
        for (std::size_t i = 0; i < pool.backends.size(); ++i) {
            const config::Backend& backend = pool.backends[i];
            if (entries[i] == nullptr || !table::lacks_next_hop(*entries[i]) ||
                is_own_address(source, backend.address))
                continue;
            if (unresolved++ == 0)
                first = describe(pool, backend);
        }
    }
    if (unresolved == 0)
        return;
    if (unresolved > 1)
        first += " and " + std::to_string(unresolved - 1) + " more";
    reasons.push_back("no next hop for " + first + ", so that " +
                      (unresolved > 1 ? "their" : "its") +
                      " packets are dropped; see show backends");
}

// Which of a pool's backends are down, or an empty text.
std::string describe_down(const health::Standings& standings, std::size_t number, bool fails_open) {
    const config::Pool& pool = standings.config->pools[number];
    std::string first;
    std::size_t down = 0;
    for (std::size_t i = 0; i < pool.backends.size(); ++i) {
        const health::Standing& standing = standings.of(number, i);
        if (standing.verdict == health::Verdict::kBad && down++ == 0)
            first = "'" + pool.backends[i].name + "' (" + standing.failure->reason + ")";
    }
    if (down == 0)
        return "";
    const bool is_all = down == pool.backends.size();
    const char* consequence = "";
    if (fails_open)
        consequence =
            ", so that the pool fails open: all of them get new connections, whatever their state";
    else if (is_all)
        consequence = ", so that new connections to its services are dropped";
    return (is_all ? "all" : std::to_string(down) + " of " + std::to_string(pool.backends.size())) +
           " backends of pool '" + pool.name + "' are down: " + first +
           (down > 1 ? " and others" : "") + consequence + "; see show backends";
}

// Backends that are not reached by the largest packets that the gateway sends to them.
void add_narrow_paths(const health::Standings& standings, Reasons& reasons) {
    std::string first;
    std::size_t narrow = 0;
    health::PathMtu mtu;  // to the first
    for (std::size_t p = 0; p < standings.config->pools.size(); ++p) {
        const config::Pool& pool = standings.config->pools[p];
        for (std::size_t b = 0; b < pool.backends.size(); ++b) {
            const health::Standing& standing = standings.of(p, b);
            if (!standing.has_narrow_path() || narrow++ > 0)
                continue;
            mtu = *standing.path_mtu;
            first = describe(pool, pool.backends[b]);
        }
    }
    if (narrow == 0)
        return;
    if (narrow > 1)
        first += " and of " + std::to_string(narrow - 1) + " more";
    const std::string found = std::to_string(mtu.found);
    reasons.push_back("the path MTU of " + first + " is " + found + ", but packets of up to " +
                      std::to_string(mtu.wanted) +
                      " bytes are sent there, so that large ones are lost; raise the MTU of the "
                      "links on the path, or set mtu = " +
                      found + " for the port");
}

void add_checks(const Source& source, Reasons& reasons) {
    if (source.standings == nullptr || source.standings->config.get() != &source.config)
        return;
    const table::Tables& tables = tables_in_force(source);
    for (std::size_t i = 0; i < source.config.pools.size(); ++i) {
        const abi::PoolEntry* const pool = table::find_pool(tables, source.config.pools[i].name, i);
        const bool fails_open = pool != nullptr && pool->fails_open != 0;
        if (std::string down = describe_down(*source.standings, i, fails_open); !down.empty())
            reasons.push_back(std::move(down));
    }
    add_narrow_paths(*source.standings, reasons);
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
        const bool is_any_port_up = add_ports(source, health.reasons);
        if (!is_any_port_up)
            health.verdict = Health::Verdict::kDown;
        add_workers(source, health.reasons);
        if (is_any_port_up)
            add_unresolved(source, health.reasons);
        add_checks(source, health.reasons);
        add_groups(source, health.reasons);
        add_losses(source, health.reasons);
    }
    add_configuration(source, health.reasons);
    if (health.verdict == Health::Verdict::kOk && !health.reasons.empty())
        health.verdict = Health::Verdict::kDegraded;
    return health;
}

}  // namespace vipfwd::view
