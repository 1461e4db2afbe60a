// SPDX-License-Identifier: Apache-2.0
#include "control/net/port_bindings.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <utility>

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

bool contains(const std::vector<config::InterfaceAddress>& networks, const IpAddress& address) {
    return std::any_of(networks.begin(), networks.end(),
                       [&address](const auto& network) { return network.contains(address); });
}

// The networks of the configured `addresses`, then those of the interface's own addresses.
std::vector<config::InterfaceAddress> networks_of(const config::Port& port,
                                                  const InterfaceTable::Interface* interface) {
    std::vector<config::InterfaceAddress> networks = port.addresses;
    if (interface != nullptr) {
        for (const InterfaceTable::Address& address : interface->addresses) {
            if (!address.managed)
                networks.push_back(address.address);
        }
    }
    return networks;
}

bool has_kernel_device(const config::Port& port) {
    return port.driver == abi::Driver::kAfXdp || port.driver == abi::Driver::kAfPacket;
}

// The interface whose frames have the port's tags: `base`, or a VLAN's sub-interface of it.
int interface_of(const config::Port& port, int base, const InterfaceTable& interfaces) {
    if (port.vlan == 0)
        return base;
    if (port.outer_vlan != 0)
        base =
            interfaces.number_of({.parent = base, .id = port.outer_vlan, .protocol = ETH_P_8021AD});
    return interfaces.number_of({.parent = base, .id = port.vlan, .protocol = ETH_P_8021Q});
}

std::string vlan_text(const config::Port& port) {
    std::string text = "of VLAN " + std::to_string(port.vlan);
    if (port.outer_vlan != 0)
        text += " in VLAN " + std::to_string(port.outer_vlan);
    return text + " on " + kernel_interface(port);
}

std::uint32_t mtu_of(const config::Port& port, const InterfaceTable::Interface* base) {
    if (port.mtu != 0 || base == nullptr)
        return port.mtu;
    return base->mtu;
}

std::uint8_t host_bits(const config::InterfaceAddress& source) {
    const std::uint32_t longest = source.address.is_v4() ? 32 : 128;
    return static_cast<std::uint8_t>(longest - source.prefix_length);
}

// RFC 4291 §2.5.6.
bool is_link_local(const IpAddress& address) {
    return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}

// A tunnel source whose bits are all fixed: none is filled with the flow's hash.
config::InterfaceAddress host_prefix(const IpAddress& address) {
    return {.address = address, .prefix_length = address.is_v4() ? 32u : 128u};
}

}  // namespace

const std::string& kernel_interface(const config::Port& port) {
    return has_kernel_device(port) ? port.device : port.kernel_interface;
}

bool PortBindings::configure(const config::Config& config, const InterfaceTable& interfaces) {
    const std::vector<int> interfaces_before = interfaces_by_port();
    const auto neighbors_before = std::exchange(static_neighbors_, {});
    ports_ = config.ports;
    vips_.clear();
    for (const config::Group& group : config.groups)
        vips_.insert(group.vips.begin(), group.vips.end());
    for (const config::Service& service : config.services)
        vips_.insert(service.vip);
    for (const config::Neighbor& neighbor : config.neighbors) {
        StaticNeighbor& entry = static_neighbors_[neighbor.address];
        entry.mac = neighbor.mac;
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            if (ports_[i].name == neighbor.port)
                entry.configured_port = static_cast<std::uint8_t>(i);
        }
    }
    bindings_.assign(ports_.size(), {});
    update(interfaces);
    place_static_neighbors();
    return interfaces_before != interfaces_by_port() || neighbors_before != static_neighbors_;
}

// 0 for a port without one.
std::vector<int> PortBindings::interfaces_by_port() const {
    std::vector<int> numbers;
    for (const Binding& binding : bindings_)
        numbers.push_back(binding.interface);
    return numbers;
}

bool PortBindings::update(const InterfaceTable& interfaces) {
    bool changed = false;
    bool networks_changed = false;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        Binding binding = bind(ports_[i], interfaces);
        changed |= binding.interface != bindings_[i].interface;
        changed |= binding.facts != bindings_[i].facts;
        networks_changed |= !same(binding.networks, bindings_[i].networks);
        bindings_[i] = std::move(binding);
    }
    if (networks_changed)
        changed |= place_static_neighbors();
    return changed;
}

PortBindings::Binding PortBindings::bind(const config::Port& port,
                                         const InterfaceTable& interfaces) const {
    Binding binding;
    if (!kernel_interface(port).empty())
        binding.base = interfaces.number_of(kernel_interface(port));
    binding.interface = interface_of(port, binding.base, interfaces);
    const InterfaceTable::Interface* base = interfaces.find(binding.base);
    const InterfaceTable::Interface* interface = interfaces.find(binding.interface);
    const config::InterfaceAddress source_v4 = source(port, interface, true);
    const config::InterfaceAddress source_v6 = source(port, interface, false);
    if (interface != nullptr)
        binding.name = interface->name;
    if (has_kernel_device(port))
        binding.link_up = base != nullptr && base->up && base->running;
    binding.networks = networks_of(port, interface);
    binding.facts = {.name = port.name,
                     .source_v4 = source_v4.address,
                     .source_v6 = source_v6.address,
                     .source_v4_bits = host_bits(source_v4),
                     .source_v6_bits = host_bits(source_v6),
                     .own_v4 = own_address(port, interface, true),
                     .own_v6 = own_address(port, interface, false),
                     .link_local = link_local(interface),
                     .mtu = mtu_of(port, base),
                     .vlan = port.vlan,
                     .outer_vlan = port.outer_vlan};
    return binding;
}

bool PortBindings::any_kernel_interface() const {
    return std::any_of(ports_.begin(), ports_.end(),
                       [](const config::Port& port) { return !kernel_interface(port).empty(); });
}

std::vector<std::string> PortBindings::missing_interfaces() const {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        if (has_kernel_device(ports_[i]) && bindings_[i].base == 0)
            missing.push_back(ports_[i].device);
        else if (bindings_[i].base != 0 && bindings_[i].interface == 0)
            missing.push_back(vlan_text(ports_[i]));
    }
    return missing;
}

std::vector<PortFacts> PortBindings::facts() const {
    std::vector<PortFacts> facts;
    for (const Binding& binding : bindings_)
        facts.push_back(binding.facts);
    return facts;
}

std::optional<std::uint8_t> PortBindings::port_of(int interface) const {
    for (std::size_t i = 0; interface != 0 && i < bindings_.size(); ++i) {
        if (bindings_[i].interface == interface)
            return static_cast<std::uint8_t>(i);
    }
    return std::nullopt;
}

std::vector<int> PortBindings::interfaces() const {
    std::vector<int> all;
    for (const Binding& binding : bindings_) {
        if (binding.interface != 0)
            all.push_back(binding.interface);
    }
    return all;
}

std::optional<MacAddress> PortBindings::static_mac(const IpAddress& address) const {
    const auto at = static_neighbors_.find(address);
    return at == static_neighbors_.end() ? std::nullopt : std::optional(at->second.mac);
}

std::optional<NextHop> PortBindings::static_hop(const IpAddress& address) const {
    const auto at = static_neighbors_.find(address);
    if (at == static_neighbors_.end() || ports_.empty())
        return std::nullopt;
    return NextHop{.mac = at->second.mac, .port = at->second.port};
}

void PortBindings::for_each_static_hop(
    const std::function<void(const IpAddress&, const NextHop&)>& visit) const {
    if (ports_.empty())
        return;
    for (const auto& [address, neighbor] : static_neighbors_)
        visit(address, {.mac = neighbor.mac, .port = neighbor.port});
}

bool PortBindings::needs_static_neighbor(const IpAddress& address) const {
    for (const config::Port& port : ports_) {
        if (kernel_interface(port).empty() && contains(port.addresses, address))
            return true;
    }
    return false;
}

// Configured tunnel sources are used even if the port has no such address.
config::InterfaceAddress PortBindings::source(const config::Port& port,
                                              const InterfaceTable::Interface* interface,
                                              bool v4) const {
    for (const config::InterfaceAddress& range : port.tunnel_sources) {
        if (range.address.is_v4() == v4)
            return range;
    }
    return host_prefix(own_address(port, interface, v4));
}

// Of several IPv4 addresses the first is used, which is the interface's primary one. The kernel
// lists IPv6 addresses in no stable order, so the lowest is used.
IpAddress PortBindings::own_address(const config::Port& port,
                                    const InterfaceTable::Interface* interface, bool v4) const {
    for (const config::InterfaceAddress& own : port.addresses) {
        if (own.address.is_v4() == v4 && !vips_.contains(own.address))
            return own.address;
    }
    IpAddress chosen;
    for (std::size_t i = 0; interface != nullptr && i < interface->addresses.size(); ++i) {
        const InterfaceTable::Address& candidate = interface->addresses[i];
        const IpAddress& address = candidate.address.address;
        if (!candidate.primary || candidate.managed || address.is_v4() != v4 ||
            vips_.contains(address))
            continue;
        if (chosen.is_none() || (!v4 && address < chosen))
            chosen = address;
    }
    return chosen;
}

// VIPs are skipped: a VIP may be a link-local address (RFC 9568 §5.2.9).
IpAddress PortBindings::link_local(const InterfaceTable::Interface* interface) const {
    for (std::size_t i = 0; interface != nullptr && i < interface->addresses.size(); ++i) {
        const InterfaceTable::Address& candidate = interface->addresses[i];
        const IpAddress& address = candidate.address.address;
        if (is_link_local(address) && !candidate.managed && !vips_.contains(address))
            return address;
    }
    return {};
}

std::uint8_t PortBindings::port_by_network(const IpAddress& address) const {
    for (std::size_t i = 0; i < bindings_.size(); ++i) {
        if (contains(bindings_[i].networks, address))
            return static_cast<std::uint8_t>(i);
    }
    return 0;
}

bool PortBindings::place_static_neighbors() {
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
