// SPDX-License-Identifier: Apache-2.0
// What the configuration says of ports and static neighbors, joined with what the kernel says of
// the interfaces behind them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "control/config/model.h"
#include "control/net/interfaces.h"
#include "control/table/facts.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::net {

// The kernel's interface of a port, whose addresses, routes and neighbors count: the port's device,
// or the tap that the dataplane makes for it. Empty if the kernel has no part in the port.
const std::string& kernel_interface(const config::Port& port);

class Ports {
  public:
    void configure(const config::Config& config, const Interfaces& interfaces);
    // Takes in what changed about the interfaces. True if an answer of the functions below changed.
    bool update(const Interfaces& interfaces);

    // True if some port has an interface of the kernel's.
    bool any_kernel_interface() const;
    // The interfaces that the kernel should have and does not (yet): "eth1", "of VLAN 7 on eth1".
    // No tap, which there is only while the dataplane runs.
    std::vector<std::string> missing() const;

    // One a configured port.
    std::vector<table::PortFacts> facts() const;
    // Whether the link of the port's device works, as the kernel says. Nothing if the device is not
    // the kernel's.
    std::optional<bool> link_up(std::size_t port) const { return joined_[port].link_up; }
    // The port whose interface this is: with a VLAN, that of the VLAN.
    std::optional<std::uint8_t> port_of(int interface) const;

    // Those of all ports that are there.
    std::vector<int> interfaces() const;

    // The kernel's interface that sends and receives what the port does: with a VLAN, that of the
    // VLAN. Empty if there is none (yet).
    const std::string& interface_name(std::size_t port) const { return joined_[port].name; }

    std::optional<MacAddress> static_mac(const IpAddress& address) const;
    // A static neighbor's place: its `port`, else the first port with a network that contains it,
    // else the first port.
    std::optional<table::NextHop> static_hop(const IpAddress& address) const;

    // True if the address is in a network of a port in which the kernel has no part.
    bool beside_kernel(const IpAddress& address) const;

  private:
    using Networks = std::vector<config::InterfaceAddress>;

    // What follows from a port's configuration and its interface.
    struct Joined {
        int base = 0;       // the kernel's interface of that name; 0: none
        int interface = 0;  // the same, or that of the VLAN; 0: none
        std::string name;   // of `interface`
        Networks networks;
        table::PortFacts facts;
        std::optional<bool> link_up;
    };

    Joined join(const config::Port& port, const Interfaces& interfaces) const;
    config::InterfaceAddress source(const config::Port& port,
                                    const Interfaces::Interface* interface, bool v4) const;
    IpAddress own_address(const config::Port& port, const Interfaces::Interface* interface,
                          bool v4) const;
    IpAddress link_local(const Interfaces::Interface* interface) const;
    std::uint8_t port_by_network(const IpAddress& address) const;
    // True if one changed its place.
    bool place_static_neighbors();

    struct StaticNeighbor {
        MacAddress mac;
        std::optional<std::uint8_t> configured_port;
        std::uint8_t port = 0;
    };

    std::vector<config::Port> ports_;
    std::unordered_set<IpAddress, AddressHash> vips_;
    std::unordered_map<IpAddress, StaticNeighbor, AddressHash> static_neighbors_;
    std::vector<Joined> joined_;  // one a port
};

}  // namespace vipfwd::net
