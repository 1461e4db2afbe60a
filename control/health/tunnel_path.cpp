// SPDX-License-Identifier: Apache-2.0
#include "control/health/tunnel_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "control/health/failure.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

constexpr std::uint32_t kDefaultMtu = 1500;

const char* version_of(const IpAddress& address) {
    return address.is_v4() ? "IPv4" : "IPv6";
}

check_form form_of(abi::Forward forward) {
    switch (forward) {
        case abi::Forward::kIpip:
            return CHECK_IPIP;
        case abi::Forward::kGue:
            return CHECK_GUE;
        case abi::Forward::kL2:
            return CHECK_L2;
    }
    return CHECK_NONE;
}

// Of the port's range of sources, any one: not its first, which may be the address of a network.
IpAddress outer_source(const net::PortFacts& port, bool v4) {
    IpAddress source = v4 ? port.source_v4 : port.source_v6;
    if ((v4 ? port.source_v4_bits : port.source_v6_bits) > 0)
        source.bytes.back() |= 1;
    return source;
}

// The port's own address, or that of another port: the backend's answer finds its way to either.
IpAddress own_address(const TunnelNetwork& network, const net::PortFacts& port, bool v4) {
    const auto own = [v4](const net::PortFacts& facts) { return v4 ? facts.own_v4 : facts.own_v6; };
    if (!own(port).is_none())
        return own(port);
    for (const TunnelPort& other : network.ports) {
        if (!own(other.facts).is_none())
            return own(other.facts);
    }
    return {};
}

ProbeResult result_without_hop(const TunnelNetwork& network, const IpAddress& backend) {
    const auto missing = std::ranges::find(network.ports, 0u, &TunnelPort::interface);
    if (missing != network.ports.end())
        return not_checked(fmt::format("port {} has no interface yet", missing->facts.name));
    return {ProbeResult::Kind::kUnreachable,
            fmt::format("next hop of {} is not resolved: no route by a port, or no answer to {}",
                        to_string(backend), backend.is_v4() ? "ARP" : "neighbor discovery")};
}

std::uint32_t mtu_of(const TunnelPort& port) {
    const std::uint32_t mtu = port.facts.mtu != 0 ? port.facts.mtu : kDefaultMtu;
    return port.interface_mtu != 0 ? std::min(mtu, port.interface_mtu) : mtu;
}

// No packet of a client is larger than the largest that some port receives.
std::uint32_t max_packet_bytes(const TunnelNetwork& network, const TunnelPort& port,
                               const Target& target) {
    std::uint32_t largest = 0;
    for (const TunnelPort& any : network.ports)
        largest = std::max(largest, mtu_of(any));
    const std::uint32_t mtu = mtu_of(port);
    const std::uint32_t overhead = tunnel_overhead(target);
    return std::min(largest, mtu > overhead ? mtu - overhead : 0);
}

check_path make_path(const TunnelPort& port, const net::NextHop& hop, const IpAddress& source,
                     const Target& target, std::uint16_t gue_port) {
    check_path path{};
    path.form = form_of(target.tunnel->forward);
    path.interface = port.interface;
    std::memcpy(path.link, hop.mac.bytes.data(), sizeof hop.mac);
    std::memcpy(path.link + sizeof hop.mac, port.mac.bytes.data(), sizeof port.mac);
    path.gue_port = Be16::from_host(gue_port).raw;
    path.is_outer_v4 = target.address.is_v4() ? 1 : 0;
    std::memcpy(path.source, source.bytes.data(), sizeof path.source);
    std::memcpy(path.destination, target.address.bytes.data(), sizeof path.destination);
    return path;
}

}  // namespace

std::variant<TunnelPath, ProbeResult> find_tunnel_path(const TunnelNetwork& network,
                                                       const Target& target) {
    const std::optional<net::NextHop> hop = network.next_hop(target.address);
    if (!hop)
        return result_without_hop(network, target.address);
    const TunnelPort& port = network.ports.at(hop->port);
    if (port.interface == 0)
        return not_checked(fmt::format("port {} has no interface yet", port.facts.name));
    const IpAddress source = outer_source(port.facts, target.address.is_v4());
    if (abi::forward_mode(target.tunnel->forward).is_tunnel && source.is_none())
        return not_checked(
            fmt::format("port {} has no {} address, from which the tunnel would come",
                        port.facts.name, version_of(target.address)));
    const IpAddress& vip = target.tunnel->vip;
    const IpAddress from = own_address(network, port.facts, vip.is_v4());
    if (from.is_none())
        return not_checked(
            fmt::format("no port has an {} address of its own, from which VIP {} "
                        "could be checked",
                        version_of(vip), to_string(vip)));
    return TunnelPath{
        make_path(port, *hop, source, target, network.gue_port),
        {.to = vip, .from = from, .max_packet_bytes = max_packet_bytes(network, port, target)}};
}

}  // namespace vipfwd::health
