// SPDX-License-Identifier: Apache-2.0
// The kernel's interfaces and their addresses, as of its last messages. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "control/config/model.h"
#include "control/net/netlink_message.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

class InterfaceTable {
  public:
    struct Address {
        config::InterfaceAddress address;
        bool primary = false;
        bool managed = false;  // added by control, see AddressMessage::managed
        bool seen = true;      // in the current dump
    };
    struct Interface {
        std::string name;
        std::uint32_t mtu = 0;
        bool up = false;
        bool running = false;
        std::optional<Vlan> vlan;
        std::vector<Address> addresses;  // in the order of their messages
        bool seen = true;                // in the current dump
    };

    // True if something changed.
    bool apply(const LinkMessage& link);
    bool apply(const AddressMessage& address);

    // Bracket a dump of all links (addresses). Entries that the dump did not contain are removed at
    // its end; the end functions return true if any was.
    void begin_links();
    bool end_links();
    void begin_addresses();
    bool end_addresses();

    // 0 if no interface has that name.
    int number_of(std::string_view name) const;
    // The sub-interface of a VLAN on interface `vlan.parent`; 0 if there is none.
    int number_of(const Vlan& vlan) const;
    // Null if there is no such interface.
    const Interface* find(int interface) const;

  private:
    std::unordered_map<int, Interface> interfaces_;
};

}  // namespace vipfwd::net
