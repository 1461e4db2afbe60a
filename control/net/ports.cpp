// SPDX-License-Identifier: Apache-2.0
#include "control/net/ports.h"

#include <algorithm>

namespace vipfwd::net {
namespace {

bool same(const config::InterfaceAddress& a, const config::InterfaceAddress& b) {
    return a.address == b.address && a.prefix_length == b.prefix_length;
}

bool same(const std::vector<config::InterfaceAddress>& a,
          const std::vector<config::InterfaceAddress>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return same(x, y); });
}

bool same(const table::PortFacts& a, const table::PortFacts& b) {
    return a.source_v4 == b.source_v4 && a.source_v6 == b.source_v6 && a.mtu == b.mtu;
}

bool contains(const std::vector<config::InterfaceAddress>& networks, const IpAddress& address) {
    return std::any_of(networks.begin(), networks.end(),
                       [&address](const auto& network) { return network.contains(address); });
}

// `addresses` of a port, and then those of its interface.
std::vector<config::InterfaceAddress> networks_of(const config::Port& port,
                                                  const Interfaces::Interface* interface) {
    std::vector<config::InterfaceAddress> networks = port.addresses;
    if (interface != nullptr) {
        for (const Interfaces::Address& address : interface->addresses)
            networks.push_back(address.address);
    }
    return networks;
}

}  // namespace

bool is_kernel_interface(const config::Port& port) {
    return port.driver == abi::Driver::kAfXdp || port.driver == abi::Driver::kAfPacket;
}

void Ports::configure(const config::Config& config, const Interfaces& interfaces) {
    ports_ = config.ports;
    vips_.clear();
    for (const config::Group& group : config.groups)
        vips_.insert(group.vips.begin(), group.vips.end());
    for (const config::Service& service : config.services)
        vips_.insert(service.vip);
    static_neighbors_.clear();
    for (const config::Neighbor& neighbor : config.neighbors) {
        StaticNeighbor& entry = static_neighbors_[neighbor.address];
        entry.mac = neighbor.mac;
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if (ports_[i].name == neighbor.port)
                entry.configured_port = static_cast<std::uint8_t>(i);
        }
    }
    joined_.assign(ports_.size(), {});
    update(interfaces);
    place_static_neighbors();
}

bool Ports::update(const Interfaces& interfaces) {
    bool changed = false;
    bool networks_changed = false;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        Joined joined = join(ports_[i], interfaces);
        changed |= joined.interface != joined_[i].interface;
        changed |= !same(joined.facts, joined_[i].facts);
        networks_changed |= !same(joined.networks, joined_[i].networks);
        joined_[i] = std::move(joined);
    }
    if (networks_changed)
        changed |= place_static_neighbors();
    return changed;
}

Ports::Joined Ports::join(const config::Port& port, const Interfaces& interfaces) const {
    Joined joined;
    if (is_kernel_interface(port))
        joined.interface = interfaces.number_of(port.device);
    const Interfaces::Interface* interface = interfaces.find(joined.interface);
    joined.networks = networks_of(port, interface);
    joined.facts.source_v4 = source(port, interface, true);
    joined.facts.source_v6 = source(port, interface, false);
    joined.facts.mtu = port.mtu != 0 ? port.mtu : interface != nullptr ? interface->mtu : 0;
    return joined;
}

bool Ports::any_kernel_interface() const {
    return std::any_of(ports_.begin(), ports_.end(), is_kernel_interface);
}

std::vector<std::size_t> Ports::missing() const {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        if (is_kernel_interface(ports_[i]) && joined_[i].interface == 0)
            missing.push_back(i);
    }
    return missing;
}

std::vector<table::PortFacts> Ports::facts() const {
    std::vector<table::PortFacts> facts;
    for (const Joined& joined : joined_)
        facts.push_back(joined.facts);
    return facts;
}

std::optional<std::uint8_t> Ports::port_of(int interface) const {
    for (std::size_t i = 0; interface != 0 && i < joined_.size(); ++i) {
        if (joined_[i].interface == interface)
            return static_cast<std::uint8_t>(i);
    }
    return std::nullopt;
}

std::optional<MacAddress> Ports::static_mac(const IpAddress& address) const {
    const auto at = static_neighbors_.find(address);
    return at == static_neighbors_.end() ? std::nullopt : std::optional(at->second.mac);
}

std::optional<table::NextHop> Ports::static_hop(const IpAddress& address) const {
    const auto at = static_neighbors_.find(address);
    if (at == static_neighbors_.end() || ports_.empty())
        return std::nullopt;
    return table::NextHop{.mac = at->second.mac, .port = at->second.port};
}

bool Ports::beside_kernel(const IpAddress& address) const {
    for (const config::Port& port : ports_) {
        if (!is_kernel_interface(port) && contains(port.addresses, address))
            return true;
    }
    return false;
}

// The configured address is the operator's word. An IPv4 interface's first address is its primary
// one; for IPv6 the kernel tells them in no stable order, so that the lowest is taken.
IpAddress Ports::source(const config::Port& port, const Interfaces::Interface* interface,
                        bool v4) const {
    for (const config::InterfaceAddress& own : port.addresses) {
        if (own.address.is_v4() == v4 && !vips_.contains(own.address))
            return own.address;
    }
    IpAddress chosen;
    if (interface == nullptr)
        return chosen;
    for (const Interfaces::Address& candidate : interface->addresses) {
        const IpAddress& address = candidate.address.address;
        if (!candidate.primary || address.is_v4() != v4 || vips_.contains(address))
            continue;
        if (chosen.is_none() || (!v4 && address < chosen))
            chosen = address;
    }
    return chosen;
}

std::uint8_t Ports::port_by_network(const IpAddress& address) const {
    for (std::size_t i = 0; i < joined_.size(); ++i) {
        if (contains(joined_[i].networks, address))
            return static_cast<std::uint8_t>(i);
    }
    return 0;
}

bool Ports::place_static_neighbors() {
    bool moved = false;
    for (auto& [address, neighbor] : static_neighbors_) {
        const std::uint8_t port =
            neighbor.configured_port ? *neighbor.configured_port : port_by_network(address);
        moved |= port != neighbor.port;
        neighbor.port = port;
    }
    return moved;
}

}  // namespace vipfwd::net
