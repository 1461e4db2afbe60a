// SPDX-License-Identifier: Apache-2.0
// Conflicts between the addresses of ports, neighbors, peers, VIPs and backends.
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "control/config/check.h"
#include "control/config/first_use.h"
#include "control/text/quote.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

struct UsedAddresses {
    FirstAddress ports;
    FirstAddress broadcast;  // of the ports' networks
    FirstAddress networks;   // their first addresses
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
            if (!interface.network().is_none())
                used.networks.add(interface.network(), port.at.addresses[i]);
        }
    }
    for_each_vip(draft, [&](const IpAddress& vip, Location where) { used.vips.add(vip, where); });
    return used;
}

// Some networks have a host at their first address, so this is no error.
void warn_about_network(std::string_view what, const IpAddress& address, Location where,
                        const UsedAddresses& used, Report& report) {
    if (const auto network = used.networks.find(address))
        report.warning(where,
                       "{} {} stands for the whole network in line {}; use the address of a host",
                       what, to_string(address), network->line);
}

void check_vip(const IpAddress& vip, Location where, const UsedAddresses& used, Report& report) {
    if (const auto port = used.ports.find(vip))
        report.error(where, "VIP {} is a port's own address, in line {}; use another address",
                     to_string(vip), port->line);
    else if (const auto network = used.broadcast.find(vip))
        report.error(where, "VIP {} is the broadcast address of the network in line {}",
                     to_string(vip), network->line);
    else
        warn_about_network("VIP", vip, where, used, report);
}

// Calls `visit(address, where)` for each backend that tunnels lead to.
template <typename Visit>
void for_each_tunnelled_backend(const Draft& draft, Visit visit) {
    std::unordered_set<std::string_view> tunnelled;
    for (const ServiceDraft& service : draft.services) {
        if (abi::forward_mode(service.service.forward).is_tunnel)
            tunnelled.insert(service.pool_name);
    }
    for (const PoolDraft& pool : draft.pools) {
        if (!tunnelled.contains(pool.pool.name))
            continue;
        for (const BackendDraft& backend : pool.backends) {
            if (backend.at.address.is_set())
                visit(backend.backend.address, backend.at.address);
        }
    }
}

// ICMP errors of routers on the path, such as "packet too big", go to the tunnel's source address.
// A host drops a tunnel's packet whose source is the host itself. Reports the first address of each
// kind that a tunnel source contains.
void check_tunnel_sources(const PortDraft& port, const Draft& draft, Report& report) {
    for (std::size_t i = 0; i < port.port.tunnel_sources.size(); ++i) {
        const InterfaceAddress& source = port.port.tunnel_sources[i];
        const auto reject_first = [&](std::string_view what) {
            return [&, what, is_first = true](const IpAddress& address, Location where) mutable {
                if (!source.contains(address) || !std::exchange(is_first, false))
                    return;
                report.error(port.at.tunnel_sources[i],
                             "tunnel source {}/{} contains {} {}, in line {}; use addresses that "
                             "nothing else uses",
                             to_string(source.address), source.prefix_length, what,
                             to_string(address), where.line);
            };
        };
        for_each_vip(draft, reject_first("VIP"));
        for_each_tunnelled_backend(draft, reject_first("backend"));
    }
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
    else if (const auto port = used.ports.find(address))
        report.warning(where,
                       "backend {} is this gateway's own address, in line {}: its packets would be "
                       "dropped; use the server's own address",
                       to_string(address), port->line);
    else
        warn_about_network("backend", address, where, used, report);
}

void check_neighbor(const NeighborDraft& draft, const std::vector<PortDraft>& ports,
                    const UsedAddresses& used, Report& report) {
    const Neighbor& neighbor = draft.neighbor;
    if (const auto port = used.ports.find(neighbor.address))
        report.warning(draft.at.address,
                       "neighbor {} is this gateway's own address, in line {}; use the other "
                       "host's, or remove it",
                       to_string(neighbor.address), port->line);
    else if (const auto vip = used.vips.find(neighbor.address))
        report.warning(draft.at.address,
                       "neighbor {} is a VIP, in line {}; use the other host's own address, or "
                       "remove it",
                       to_string(neighbor.address), vip->line);
    else
        warn_about_network("neighbor", neighbor.address, draft.at.address, used, report);
    for (const PortDraft& port : ports) {
        if (draft.at.mac.is_set() && port.port.mac == neighbor.mac)
            report.warning(draft.at.mac,
                           "neighbor {} has the MAC address of port {}, so that its packets would "
                           "come back; use the other host's",
                           to_string(neighbor.address), text::quote(port.port.name));
    }
}

void check_peers(const GroupDraft& group, const UsedAddresses& used, Report& report) {
    for (std::size_t i = 0; i < group.group.peers.size(); ++i) {
        if (const auto port = used.ports.find(group.group.peers[i]))
            report.error(group.at.peers[i],
                         "peer {} is this gateway's own address, in line {}; list the others'",
                         to_string(group.group.peers[i]), port->line);
        else
            warn_about_network("peer", group.group.peers[i], group.at.peers[i], used, report);
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
    for (const NeighborDraft& neighbor : draft.neighbors)
        check_neighbor(neighbor, draft.ports, used, report);
    for (const GroupDraft& group : draft.groups)
        check_peers(group, used, report);
}

}  // namespace vipfwd::config
