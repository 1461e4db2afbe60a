// SPDX-License-Identifier: Apache-2.0
// [dataplane], [[port]] and [[neighbor]].
#include <algorithm>
#include <cstddef>

#include "control/config/check.h"
#include "control/config/device.h"
#include "control/config/first_use.h"
#include "control/config/value.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::config {
namespace {

void check_queues(const PortDraft& draft, std::uint32_t workers, Report& report) {
    const Port& port = draft.port;
    if (port.queues >= workers)
        return;
    report.error(draft.at.queues.is_set() ? draft.at.queues : port.where,
                 "port {} has queues = {}, but there are {} workers, and each transmits on a queue "
                 "of its own; set queues = {} or more",
                 text::quote(port.name), port.queues, workers, workers);
}

// A capture's output counts as a device: no two ports may write one file, and no port may write a
// file that a port reads.
void check_device(const PortDraft& draft, FirstUse<std::string>& devices, Report& report) {
    const Port& port = draft.port;
    if (!draft.at.driver.is_set())
        return;
    const auto use_once = [&](const std::string& device, Location where) {
        if (const auto first = devices.add(device_identity(port.driver, device), where))
            report.error(where, "{} is in use already, in line {}; a device belongs to one port",
                         text::quote(device), first->line);
    };
    use_once(port.device, draft.at.device);
    if (port.driver == abi::Driver::kPcap)
        use_once(port.output, draft.at.output);
    else if (draft.at.output.is_set())
        report.error(draft.at.output,
                     "'output' is for driver \"pcap\" only; remove it, or change the driver");
    if (draft.at.device.is_set()) {
        if (const Result<void> fit = check_device_text(port.driver, port.device); !fit)
            report.error(draft.at.device, "{}", fit.error().message);
    }
}

void check_vlans(const PortDraft& draft, Report& report) {
    if (draft.port.outer_vlan != 0 && draft.port.vlan == 0)
        report.error(draft.at.outer_vlan,
                     "'outer_vlan' is a tag around that of 'vlan', which is not set; for a single "
                     "tag write 'vlan' alone");
}

void check_tunnel_sources(const PortDraft& draft, Report& report) {
    const std::vector<InterfaceAddress>& sources = draft.port.tunnel_sources;
    for (std::size_t i = 1; i < sources.size(); ++i) {
        const bool is_v4 = sources[i].address.is_v4();
        if (std::any_of(sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(i),
                        [&](const auto& other) { return other.address.is_v4() == is_v4; }))
            report.error(draft.at.tunnel_sources[i],
                         "port {} has another {} tunnel source already; keep one of each IP "
                         "version, and give it a prefix for a range of addresses",
                         text::quote(draft.port.name), is_v4 ? "IPv4" : "IPv6");
    }
}

// A tap counts as a device with the tap's name.
void check_kernel_interface(const PortDraft& draft, FirstUse<std::string>& devices,
                            Report& report) {
    const Port& port = draft.port;
    const bool is_written = draft.at.kernel_interface.is_set();
    if (!draft.at.driver.is_set())
        return;
    if (!takes_kernel_interface(port.driver)) {
        if (is_written)
            report.error(draft.at.kernel_interface,
                         "'kernel_interface' is for drivers \"pci\", \"memif\" and \"vdev\" only, "
                         "whose devices the kernel does not have; remove it");
    } else if (!is_written && draft.at.name.is_set() && port.kernel_interface.empty()) {
        report.error(draft.at.name,
                     "the kernel has no interfaces named {}, so that the port needs "
                     "'kernel_interface': write a name of 1 to {} characters, or \"\" for none",
                     text::quote(port.name), abi::kInterfaceBytes - 1);
    } else if (!port.kernel_interface.empty()) {
        const Location where = is_written ? draft.at.kernel_interface : draft.at.name;
        if (const auto first =
                devices.add(device_identity(abi::Driver::kAfPacket, port.kernel_interface), where))
            report.error(where,
                         "interface {} is in use already, in line {}; a kernel interface "
                         "belongs to one port",
                         text::quote(port.kernel_interface), first->line);
    }
    if (port.kernel_interface.empty() && draft.at.kernel_limit_pps.is_set())
        report.error(draft.at.kernel_limit_pps,
                     "'kernel_limit_pps' has no effect on a port without a kernel interface; "
                     "remove it");
}

void check_own_addresses(const PortDraft& draft, FirstAddress& own, Report& report) {
    for (std::size_t i = 0; i < draft.port.addresses.size(); ++i) {
        const InterfaceAddress& interface = draft.port.addresses[i];
        const Location where = draft.at.addresses[i];
        if (const auto first = own.add(interface.address, where))
            report.error(where, "address {} is listed already, in line {}; remove one",
                         to_string(interface.address), first->line);
        if (interface.address == interface.broadcast())
            report.error(
                where, "{} is the broadcast address of its own network; use the address of a host",
                to_string(interface.address));
        else if (interface.address == interface.network())
            report.warning(where,
                           "{} stands for its whole network; use the address that this gateway has",
                           to_string(interface.address));
    }
}

void check_flow_timeouts(const DataplaneDraft& draft, Report& report) {
    const abi::FlowTimeouts& timeouts = draft.dataplane.flow_timeouts;
    if (timeouts.opening_s > timeouts.established_s)
        report.warning(draft.at.opening_s.is_set() ? draft.at.opening_s : draft.at.established_s,
                       "opening_s = {} is above established_s = {}: a connection that is only "
                       "begun would be kept for longer than one in use; make established_s the "
                       "longer one",
                       timeouts.opening_s, timeouts.established_s);
}

}  // namespace

void check_dataplane(const DataplaneDraft& draft, Report& report) {
    const Dataplane& dataplane = draft.dataplane;
    check_flow_timeouts(draft, report);
    FirstUse<std::uint32_t> lcores;
    for (std::size_t i = 0; i < dataplane.lcores.size(); ++i) {
        if (const auto first = lcores.add(dataplane.lcores[i], draft.at.each_lcore[i]))
            report.error(draft.at.each_lcore[i],
                         "CPU {} is listed twice; each worker needs its own", dataplane.lcores[i]);
    }
    if (!draft.at.lcores.is_set() || dataplane.lcores.empty())
        return;
    if (draft.at.workers.is_set() && dataplane.lcores.size() != dataplane.workers)
        report.error(draft.at.lcores,
                     "{} lcores for {} workers; list one CPU a worker, or leave out 'workers'",
                     dataplane.lcores.size(), dataplane.workers);
    else if (dataplane.lcores.size() > abi::kMaxWorkers)
        report.error(draft.at.lcores, "{} lcores; there can be at most {} workers",
                     dataplane.lcores.size(), abi::kMaxWorkers);
}

void check_ports(const Draft& draft, Names& ports, Report& report) {
    if (draft.ports.empty())
        report.error({}, "there is no port; add a [[port]] with name, device and driver");
    FirstUse<std::string> devices;
    FirstAddress own;
    for (const PortDraft& port : draft.ports) {
        ports.define(port.port.name, port.at.name);
        check_device(port, devices, report);
        check_queues(port, draft.dataplane.dataplane.workers, report);
        check_own_addresses(port, own, report);
        check_vlans(port, report);
        check_tunnel_sources(port, report);
        check_kernel_interface(port, devices, report);
    }
}

void check_neighbors(const Draft& draft, Names& ports, Report& report) {
    FirstAddress addresses;
    for (const NeighborDraft& neighbor : draft.neighbors) {
        const IpAddress& address = neighbor.neighbor.address;
        if (const auto first = addresses.add(address, neighbor.at.address))
            report.error(neighbor.at.address,
                         "two neighbors have address {}, the other in line {}; remove one",
                         to_string(address), first->line);
        ports.refer(neighbor.neighbor.port, neighbor.at.port);
    }
}

}  // namespace vipfwd::config
