// SPDX-License-Identifier: Apache-2.0
// Binds each configured port to its kernel interface, and each static neighbor to its port. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "control/config/model.h"
#include "control/net/facts.h"
#include "control/net/interface_table.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::net {

// The name of the kernel interface whose addresses, routes and neighbors count for the port: the
// port's device, or the tap that the dataplane creates for it. Empty if the port has none.
const std::string& kernel_interface(const config::Port& port);

class PortBindings {
  public:
    // True if the next hop on a given route may be another one now: which port is bound to which
    // interface, or the static neighbors, have changed.
    bool configure(const config::Config& config, const InterfaceTable& interfaces);
    // Binds again after `interfaces` changed. True if an answer of the functions below changed.
    bool update(const InterfaceTable& interfaces);

    // True if some port has a kernel interface by its configuration.
    bool any_kernel_interface() const;
    // The interfaces that the kernel should have but does not (yet): "eth1", "of VLAN 7 on eth1".
    // Taps are left out: they exist only while the dataplane runs.
    std::vector<std::string> missing_interfaces() const;

    // One entry per configured port.
    std::vector<PortFacts> facts() const;
    // The link state of the port's device, as the kernel reports it; nullopt if the kernel does not
    // own the device.
    std::optional<bool> link_up(std::size_t port) const { return bindings_[port].link_up; }
    // The port that is bound to `interface`; if the port has a VLAN, to the VLAN's sub-interface.
    std::optional<std::uint8_t> port_of(int interface) const;

    // The bound interfaces of all ports.
    std::vector<int> interfaces() const;

    // The kernel interface that sends and receives the port's frames; if the port has a VLAN, the
    // VLAN's sub-interface. Empty if there is none (yet).
    const std::string& interface_name(std::size_t port) const { return bindings_[port].name; }

    std::optional<MacAddress> static_mac(const IpAddress& address) const;
    // The next hop of a static neighbor. Its port is the configured one, else the first port with a
    // network that contains the address, else the first port.
    std::optional<NextHop> static_hop(const IpAddress& address) const;

    void for_each_static_hop(
        const std::function<void(const IpAddress&, const NextHop&)>& visit) const;

    // True if the address is in a network of a port without a kernel interface: only a [[neighbor]]
    // can say where it is.
    bool needs_static_neighbor(const IpAddress& address) const;

  private:
    using Networks = std::vector<config::InterfaceAddress>;

    // What follows from a port's configuration and the interfaces of the moment.
    struct Binding {
        int base = 0;       // the kernel interface of the port's device or tap; 0: none
        int interface = 0;  // `base`, or the VLAN's sub-interface; 0: none
        std::string name;   // of `interface`
        Networks networks;
        PortFacts facts;
        std::optional<bool> link_up;
    };

    Binding bind(const config::Port& port, const InterfaceTable& interfaces) const;
    config::InterfaceAddress source(const config::Port& port,
                                    const InterfaceTable::Interface* interface, bool v4) const;
    IpAddress own_address(const config::Port& port, const InterfaceTable::Interface* interface,
                          bool v4) const;
    IpAddress link_local(const InterfaceTable::Interface* interface) const;
    std::vector<int> interfaces_by_port() const;
    std::uint8_t port_by_network(const IpAddress& address) const;
    // True if a static neighbor moved to another port.
    bool place_static_neighbors();

    struct StaticNeighbor {
        MacAddress mac;
        std::optional<std::uint8_t> configured_port;
        std::uint8_t port = 0;

        friend bool operator==(const StaticNeighbor&, const StaticNeighbor&) = default;
    };

    std::vector<config::Port> ports_;
    std::unordered_set<IpAddress, AddressHash> vips_;
    std::unordered_map<IpAddress, StaticNeighbor, AddressHash> static_neighbors_;
    std::vector<Binding> bindings_;  // one per port
};

}  // namespace vipfwd::net
