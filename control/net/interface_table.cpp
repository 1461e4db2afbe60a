// SPDX-License-Identifier: Apache-2.0
#include "control/net/interface_table.h"

#include <algorithm>

namespace vipfwd::net {

bool InterfaceTable::apply(const LinkMessage& link) {
    if (link.removed)
        return interfaces_.erase(link.interface) != 0;
    const auto [at, added] = interfaces_.try_emplace(link.interface);
    Interface& known = at->second;
    known.seen = true;
    if (!added && known.name == link.name && known.mtu == link.mtu && known.up == link.up &&
        known.running == link.running && known.vlan == link.vlan)
        return false;
    known.name = link.name;
    known.mtu = link.mtu;
    known.up = link.up;
    known.running = link.running;
    known.vlan = link.vlan;
    return true;
}

bool InterfaceTable::apply(const AddressMessage& message) {
    const auto at = interfaces_.find(message.interface);
    if (at == interfaces_.end())
        return false;
    std::vector<Address>& addresses = at->second.addresses;
    const auto known =
        std::find_if(addresses.begin(), addresses.end(), [&message](const Address& candidate) {
            return candidate.address.address == message.address.address &&
                   candidate.address.prefix_length == message.address.prefix_length;
        });
    if (message.removed) {
        if (known == addresses.end())
            return false;
        addresses.erase(known);
        return true;
    }
    if (known != addresses.end()) {
        known->seen = true;
        if (known->primary == message.primary && known->managed == message.managed)
            return false;
        // Moved to the end, as the kernel does with a secondary address that it promotes.
        addresses.erase(known);
    }
    addresses.push_back(
        {.address = message.address, .primary = message.primary, .managed = message.managed});
    return true;
}

void InterfaceTable::begin_links() {
    for (auto& [number, interface] : interfaces_)
        interface.seen = false;
}

bool InterfaceTable::end_links() {
    return std::erase_if(interfaces_, [](const auto& entry) { return !entry.second.seen; }) != 0;
}

void InterfaceTable::begin_addresses() {
    for (auto& [number, interface] : interfaces_) {
        for (Address& address : interface.addresses)
            address.seen = false;
    }
}

bool InterfaceTable::end_addresses() {
    std::size_t gone = 0;
    for (auto& [number, interface] : interfaces_) {
        gone += std::erase_if(interface.addresses,
                              [](const Address& address) { return !address.seen; });
    }
    return gone != 0;
}

int InterfaceTable::number_of(std::string_view name) const {
    for (const auto& [number, interface] : interfaces_) {
        if (interface.name == name)
            return number;
    }
    return 0;
}

int InterfaceTable::number_of(const Vlan& vlan) const {
    for (const auto& [number, interface] : interfaces_) {
        if (vlan.parent != 0 && interface.vlan == vlan)
            return number;
    }
    return 0;
}

const InterfaceTable::Interface* InterfaceTable::find(int interface) const {
    const auto at = interfaces_.find(interface);
    return at == interfaces_.end() ? nullptr : &at->second;
}

}  // namespace vipfwd::net
