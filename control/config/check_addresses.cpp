// SPDX-License-Identifier: Apache-2.0
// Conflicts between the addresses of ports, peers, VIPs and backends.
#include "control/config/check.h"
#include "control/config/first_use.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

struct UsedAddresses {
    FirstAddress ports;
    FirstAddress broadcast;  // of the ports' networks
    FirstAddress vips;
};

UsedAddresses collect(const Draft& draft) {
    UsedAddresses used;
    for (const PortDraft& port : draft.ports) {
        for (std::size_t i = 0; i < port.port.addresses.size(); ++i) {
            const InterfaceAddress& interface = port.port.addresses[i];
            used.ports.add(interface.address, port.at.addresses[i]);
            if (!interface.broadcast().is_none())
                used.broadcast.add(interface.broadcast(), port.at.addresses[i]);
        }
    }
    for_each_vip(draft, [&](const IpAddress& vip, Location where) { used.vips.add(vip, where); });
    return used;
}

void check_vip(const IpAddress& vip, Location where, const UsedAddresses& used, Report& report) {
    if (const auto port = used.ports.find(vip))
        report.error(where, "VIP {} is a port's own address, in line {}; use another address",
                     to_string(vip), port->line);
    else if (const auto network = used.broadcast.find(vip))
        report.error(where, "VIP {} is the broadcast address of the network in line {}",
                     to_string(vip), network->line);
}

// ICMP errors of routers on the path, such as "packet too big", go to the tunnel's source address.
void check_tunnel_sources(const PortDraft& port, const Draft& draft, Report& report) {
    for_each_vip(draft, [&](const IpAddress& vip, Location where) {
        for (std::size_t i = 0; i < port.port.tunnel_sources.size(); ++i) {
            if (port.port.tunnel_sources[i].contains(vip))
                report.error(port.at.tunnel_sources[i],
                             "tunnel source {}/{} contains VIP {}, in line {}; use addresses that "
                             "nothing else uses",
                             to_string(port.port.tunnel_sources[i].address),
                             port.port.tunnel_sources[i].prefix_length, to_string(vip), where.line);
        }
    });
}

bool is_link_local(const IpAddress& address) {
    return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

void check_backend(const BackendDraft& backend, const UsedAddresses& used, Report& report) {
    const IpAddress& address = backend.backend.address;
    const Location where = backend.at.address;
    if (!where.is_set())
        return;
    if (const auto vip = used.vips.find(address))
        report.error(where,
                     "backend {} is a VIP, in line {}: its packets would come back to the gateway; "
                     "use the server's own address",
                     to_string(address), vip->line);
    else if (is_link_local(address))
        report.error(where,
                     "backend {} is a link-local address, which is not unique across links; use "
                     "another address of the server",
                     to_string(address));
    else if (const auto network = used.broadcast.find(address))
        report.error(where, "backend {} is the broadcast address of the network in line {}",
                     to_string(address), network->line);
}

void check_peers(const GroupDraft& group, const UsedAddresses& used, Report& report) {
    for (std::size_t i = 0; i < group.group.peers.size(); ++i) {
        if (const auto port = used.ports.find(group.group.peers[i]))
            report.error(group.at.peers[i],
                         "peer {} is this gateway's own address, in line {}; list the others'",
                         to_string(group.group.peers[i]), port->line);
    }
}

}  // namespace

void check_addresses(const Draft& draft, Report& report) {
    const UsedAddresses used = collect(draft);
    for_each_vip(
        draft, [&](const IpAddress& vip, Location where) { check_vip(vip, where, used, report); });
    for (const PoolDraft& pool : draft.pools) {
        for (const BackendDraft& backend : pool.backends)
            check_backend(backend, used, report);
    }
    for (const PortDraft& port : draft.ports)
        check_tunnel_sources(port, draft, report);
    for (const GroupDraft& group : draft.groups)
        check_peers(group, used, report);
}

}  // namespace vipfwd::config
