// SPDX-License-Identifier: Apache-2.0
// Whose address is whose: a port's, a peer's, a VIP's, a backend's.
#include "control/config/check.h"
#include "control/config/first_use.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

struct Owners {
    FirstAddress ports;
    FirstAddress broadcast;  // of the ports' networks
    FirstAddress vips;
};

Owners gather(const Draft& draft) {
    Owners owners;
    for (const PortDraft& port : draft.ports) {
        for (std::size_t i = 0; i < port.port.addresses.size(); ++i) {
            const InterfaceAddress& interface = port.port.addresses[i];
            owners.ports.add(interface.address, port.at.addresses[i]);
            if (!interface.broadcast().is_none())
                owners.broadcast.add(interface.broadcast(), port.at.addresses[i]);
        }
    }
    for_each_vip(draft, [&](const IpAddress& vip, Location where) { owners.vips.add(vip, where); });
    return owners;
}

void check_vip(const IpAddress& vip, Location where, const Owners& owners, Report& report) {
    if (const auto port = owners.ports.find(vip))
        report.error(where,
                     "VIP {} is a port's own address, in line {}; a VIP is an address besides it",
                     to_string(vip), port->line);
    else if (const auto network = owners.broadcast.find(vip))
        report.error(where, "VIP {} is the broadcast address of the network in line {}",
                     to_string(vip), network->line);
}

// Answers of routers on the way, such as "packet too big", go to a tunnel's source.
void check_tunnel_sources(const PortDraft& port, const Draft& draft, Report& report) {
    for_each_vip(draft, [&](const IpAddress& vip, Location where) {
        for (std::size_t i = 0; i < port.port.tunnel_sources.size(); ++i) {
            if (port.port.tunnel_sources[i].contains(vip))
                report.error(port.at.tunnel_sources[i],
                             "tunnel source {}/{} takes in VIP {}, in line {}; use addresses that "
                             "nothing else has",
                             to_string(port.port.tunnel_sources[i].address),
                             port.port.tunnel_sources[i].prefix_length, to_string(vip), where.line);
        }
    });
}

bool is_link_local(const IpAddress& address) {
    return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

void check_backend(const BackendDraft& backend, const Owners& owners, Report& report) {
    const IpAddress& address = backend.backend.address;
    const Location where = backend.at.address;
    if (!where.somewhere())
        return;
    if (const auto vip = owners.vips.find(address))
        report.error(where,
                     "backend {} is a VIP, in line {}: its packets would come back to the gateway; "
                     "use the server's own address",
                     to_string(address), vip->line);
    else if (is_link_local(address))
        report.error(where,
                     "backend {} is a link-local address, which does not say on which link; use "
                     "another address of the server",
                     to_string(address));
    else if (const auto network = owners.broadcast.find(address))
        report.error(where, "backend {} is the broadcast address of the network in line {}",
                     to_string(address), network->line);
}

void check_peers(const GroupDraft& group, const Owners& owners, Report& report) {
    for (std::size_t i = 0; i < group.group.peers.size(); ++i) {
        if (const auto port = owners.ports.find(group.group.peers[i]))
            report.error(group.at.peers[i],
                         "peer {} is this gateway's own address, in line {}; list the others'",
                         to_string(group.group.peers[i]), port->line);
    }
}

}  // namespace

void check_addresses(const Draft& draft, Report& report) {
    const Owners owners = gather(draft);
    for_each_vip(draft, [&](const IpAddress& vip, Location where) {
        check_vip(vip, where, owners, report);
    });
    for (const PoolDraft& pool : draft.pools) {
        for (const BackendDraft& backend : pool.backends)
            check_backend(backend, owners, report);
    }
    for (const PortDraft& port : draft.ports)
        check_tunnel_sources(port, draft, report);
    for (const GroupDraft& group : draft.groups)
        check_peers(group, owners, report);
}

}  // namespace vipfwd::config
