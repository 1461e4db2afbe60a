// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/rewrite_parts.h"

namespace vipfwd::packet {

std::uint8_t* write_link(std::uint8_t* head, const MacAddress& destination, const PortView& port,
                         std::uint16_t type) {
    const std::uint16_t first_type = port.outer_vlan != 0 ? kEtherTypeServiceVlan
                                     : port.vlan != 0     ? kEtherTypeVlan
                                                          : type;
    store(head, EthernetHeader{destination, port.mac, Be16::from_host(first_type)});
    head += sizeof(EthernetHeader);
    if (port.outer_vlan != 0) {
        store(head, VlanTag{Be16::from_host(port.outer_vlan), Be16::from_host(kEtherTypeVlan)});
        head += sizeof(VlanTag);
    }
    if (port.vlan != 0) {
        store(head, VlanTag{Be16::from_host(port.vlan), Be16::from_host(type)});
        head += sizeof(VlanTag);
    }
    return head;
}

void turn_link(std::uint8_t* head, const MacAddress& destination, const PortView& port) {
    EthernetHeader ethernet;
    std::memcpy(&ethernet, head, sizeof ethernet);
    ethernet.destination = destination;
    ethernet.source = port.mac;
    store(head, ethernet);
}

}  // namespace vipfwd::packet
