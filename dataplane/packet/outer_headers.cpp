// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/outer_headers.h"

#include <cstddef>
#include <cstdint>

#include "dataplane/abi/internet_checksum.h"

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

void prepare_outer_ipv4(std::uint8_t* place, Be32 source, Be32 destination) {
    // As whole words, and summed in registers: a header stored field by field could not be read
    // back at once (store forwarding).
    static_assert(offsetof(Ipv4Header, ttl) == 8 && offsetof(Ipv4Header, checksum) == 10 &&
                  offsetof(Ipv4Header, source) == 12 && offsetof(Ipv4Header, destination) == 16);
    const std::uint64_t sum = std::uint64_t{kOwnTtl} + source.raw + destination.raw;
    store(place, std::uint64_t{0});
    store(place + 8, std::uint64_t{kOwnTtl} | std::uint64_t{fold_sum(sum)} << 16 |
                         std::uint64_t{source.raw} << 32);
    store(place + 16, destination.raw);
}

void prepare_outer_ipv6(std::uint8_t* place, const IpAddress& source,
                        const IpAddress& destination) {
    store(place, Ipv6Header{.version_class_label = Be32::from_host(6u << 28),
                            .payload_length = {},
                            .next_header = 0,
                            .hop_limit = kOwnTtl,
                            .source = source,
                            .destination = destination});
}

}  // namespace vipfwd::packet
