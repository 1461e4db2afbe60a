// SPDX-License-Identifier: Apache-2.0
// The kernel's interfaces and their addresses, as it last told them. Pure.
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

class Interfaces {
  public:
    struct Address {
        config::InterfaceAddress address;
        bool primary = false;
        bool own = false;  // as AddressMessage::own: none of those the machine has by itself
        bool seen = true;  // in the dump under way
    };
    struct Interface {
        std::string name;
        std::uint32_t mtu = 0;
        bool up = false;
        bool running = false;
        std::optional<Vlan> vlan;
        std::vector<Address> addresses;  // in the order in which they came
        bool seen = true;
    };

    // True if something changed.
    bool apply(const LinkMessage& link);
    bool apply(const AddressMessage& address);

    // Between the two come all links (addresses) there are; what did not come is gone after.
    void begin_links();
    bool end_links();  // true if something changed
    void begin_addresses();
    bool end_addresses();

    // 0 if there is no interface of that name.
    int number_of(std::string_view name) const;
    // The sub-interface of a VLAN on interface `parent`. 0 if there is none.
    int number_of(const Vlan& vlan) const;
    // Null if there is no such interface.
    const Interface* find(int interface) const;

  private:
    std::unordered_map<int, Interface> interfaces_;
};

}  // namespace vipfwd::net
