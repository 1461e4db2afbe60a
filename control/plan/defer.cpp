// SPDX-License-Identifier: Apache-2.0
#include "control/plan/defer.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/table/boot_parameters.h"

namespace vipfwd::plan {
namespace {

using config::Config;
using config::Group;
using config::Neighbor;
using config::Port;

const Port* find_port(const std::vector<Port>& ports, const std::string& name) {
    const auto found = std::ranges::find(ports, name, &Port::name);
    return found == ports.end() ? nullptr : &*found;
}

bool opens_alike(const Port& a, const Port& b) {
    const abi::PortBoot first = table::boot_port(a);
    const abi::PortBoot second = table::boot_port(b);
    return std::memcmp(&first, &second, sizeof first) == 0;
}

// Whether the wanted port of that name is open as it is wanted.
bool is_open(const std::string& name, const Config& wanted, const Config& in_force) {
    const Port* const running = find_port(in_force.ports, name);
    const Port* const port = find_port(wanted.ports, name);
    return running != nullptr && port != nullptr && opens_alike(*running, *port);
}

// The running ports, each with its wanted settings if it is open as wanted.
std::vector<Port> ports_in_force(const Config& wanted, const Config& in_force) {
    std::vector<Port> ports;
    for (const Port& running : in_force.ports) {
        const bool open = is_open(running.name, wanted, in_force);
        ports.push_back(open ? *find_port(wanted.ports, running.name) : running);
    }
    return ports;
}

bool depends_on_waiting_port(const Group& group, const Config& wanted, const Config& in_force) {
    const auto waits = [&](const std::string& port) { return !is_open(port, wanted, in_force); };
    return waits(group.port) || std::ranges::any_of(group.tracks, [&](const config::Track& track) {
               return !track.port.empty() && waits(track.port);
           });
}

std::vector<IpAddress> vips_outside(const std::vector<Group>& wanted,
                                    const std::vector<Group>& in_force) {
    std::set<IpAddress> elected;
    for (const Group& group : in_force)
        elected.insert(group.vips.begin(), group.vips.end());
    std::vector<IpAddress> outside;
    for (const Group& group : wanted) {
        std::ranges::copy_if(group.vips, std::back_inserter(outside),
                             [&](const IpAddress& vip) { return !elected.contains(vip); });
    }
    return outside;
}

// A neighbor behind a port that does not run is left as it was, or out.
std::vector<Neighbor> neighbors_in_force(const Config& wanted, const Config& in_force) {
    std::vector<Neighbor> neighbors;
    for (const Neighbor& neighbor : wanted.neighbors) {
        if (neighbor.port.empty() || find_port(in_force.ports, neighbor.port) != nullptr) {
            neighbors.push_back(neighbor);
            continue;
        }
        const auto before =
            std::ranges::find(in_force.neighbors, neighbor.address, &Neighbor::address);
        if (before != in_force.neighbors.end())
            neighbors.push_back(*before);
    }
    return neighbors;
}

void keep_resources(Config& config, const Config& in_force) {
    config.gateway.name = in_force.gateway.name;
    config.dataplane.workers = in_force.dataplane.workers;
    config.dataplane.lcores = in_force.dataplane.lcores;
    config.dataplane.flows_per_worker = in_force.dataplane.flows_per_worker;
    config.dataplane.idle = in_force.dataplane.idle;
    config.dataplane.memory = in_force.dataplane.memory;
}

// The wanted port that runs as `boot`, if there is one.
const Port* find_wanted(const std::vector<Port>& wanted, const abi::PortBoot& boot) {
    const auto same_device = [&](const Port& port) {
        return port.device == boot.device && port.driver == static_cast<abi::Driver>(boot.driver);
    };
    const Port* const named = find_port(wanted, boot.name);
    if (named != nullptr && same_device(*named))
        return named;
    const auto found = std::ranges::find_if(wanted, same_device);
    return found != wanted.end() ? &*found : named;
}

Port recover_port(const abi::PortBoot& boot, const Port* wanted) {
    Port port = wanted != nullptr ? *wanted : Port{};
    port.name = boot.name;
    port.device = boot.device;
    port.output = boot.output;
    port.driver = static_cast<abi::Driver>(boot.driver);
    port.queues = boot.queues;
    port.mtu = boot.mtu;
    port.mac = boot.has_mac != 0 ? std::optional(boot.mac) : std::nullopt;
    port.kernel_interface = boot.kernel_interface;
    if (!port.kernel_interface.empty())
        port.kernel_limit_pps = boot.kernel_limit_pps;
    return port;
}

// The names of ports, from the wanted to the running one.
class PortNames {
  public:
    void add(const std::string& wanted, const std::string& running) {
        pairs_.emplace_back(wanted, running);
    }
    // False if no port runs that is wanted by this name.
    bool rename(std::string& name) const {
        const auto found = std::ranges::find(pairs_, name, &Pair::first);
        if (found == pairs_.end())
            return false;
        name = found->second;
        return true;
    }

  private:
    using Pair = std::pair<std::string, std::string>;
    std::vector<Pair> pairs_;
};

bool rename_ports(Group& group, const PortNames& names) {
    return names.rename(group.port) && std::ranges::all_of(group.tracks, [&](config::Track& track) {
               return track.port.empty() || names.rename(track.port);
           });
}

}  // namespace

Config defer(const Config& wanted, const Config& in_force) {
    Config config = wanted;
    keep_resources(config, in_force);
    config.ports = ports_in_force(wanted, in_force);
    config.neighbors = neighbors_in_force(wanted, in_force);
    const bool groups_wait = std::ranges::any_of(wanted.groups, [&](const Group& group) {
        return depends_on_waiting_port(group, wanted, in_force);
    });
    if (groups_wait) {
        config.groups = in_force.groups;
        config.unowned_vips = vips_outside(wanted.groups, in_force.groups);
    }
    return config;
}

Config recover(const Config& wanted, const abi::BootParameters& running) {
    Config config = wanted;
    config.gateway.name = running.gateway;
    config.dataplane.workers = running.worker_count;
    config.dataplane.lcores.clear();
    std::ranges::copy_if(std::span(running.lcores).first(running.worker_count),
                         std::back_inserter(config.dataplane.lcores),
                         [](std::uint32_t lcore) { return lcore != abi::kAnyLcore; });
    config.dataplane.flows_per_worker = running.flows_per_worker;
    config.dataplane.idle = static_cast<abi::Idle>(running.idle);
    config.dataplane.memory = static_cast<abi::Memory>(running.memory);

    PortNames names;
    config.ports.clear();
    for (const abi::PortBoot& boot : abi::ports_of(running)) {
        const Port* const port = find_wanted(wanted.ports, boot);
        config.ports.push_back(recover_port(boot, port));
        if (port != nullptr)
            names.add(port->name, boot.name);
    }
    std::erase_if(config.groups, [&](Group& group) { return !rename_ports(group, names); });
    std::erase_if(config.neighbors, [&](Neighbor& neighbor) {
        return !neighbor.port.empty() && !names.rename(neighbor.port);
    });
    config.unowned_vips = vips_outside(wanted.groups, config.groups);
    return config;
}

bool needs_start(const Config& wanted, const Config& in_force) {
    return table::boot_parameters(wanted).checksum != table::boot_parameters(in_force).checksum;
}

}  // namespace vipfwd::plan
