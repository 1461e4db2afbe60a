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

// True if the kernel keeps the port's interface: its addresses, routes and neighbors count.
bool is_kernel_interface(const config::Port& port);

class Ports {
  public:
    void configure(const config::Config& config, const Interfaces& interfaces);
    // Takes in what changed about the interfaces. True if an answer of the functions below changed.
    bool update(const Interfaces& interfaces);

    // True if some port's interface is the kernel's.
    bool any_kernel_interface() const;
    // The ports whose interface the kernel does not have (yet), by index.
    std::vector<std::size_t> missing() const;

    // One a configured port.
    std::vector<table::PortFacts> facts() const;
    // The port whose device is this interface.
    std::optional<std::uint8_t> port_of(int interface) const;

    std::optional<MacAddress> static_mac(const IpAddress& address) const;
    // A static neighbor's place: its `port`, else the first port with a network that contains it,
    // else the first port.
    std::optional<table::NextHop> static_hop(const IpAddress& address) const;

    // True if the address is in a network of a port that is none of the kernel's.
    bool beside_kernel(const IpAddress& address) const;

    const std::string& device(std::size_t port) const { return ports_[port].device; }

  private:
    using Networks = std::vector<config::InterfaceAddress>;

    // What follows from a port's configuration and its interface.
    struct Joined {
        int interface = 0;  // 0: none
        Networks networks;
        table::PortFacts facts;
    };

    Joined join(const config::Port& port, const Interfaces& interfaces) const;
    IpAddress source(const config::Port& port, const Interfaces::Interface* interface,
                     bool v4) const;
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
