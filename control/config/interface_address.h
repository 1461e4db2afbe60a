// SPDX-License-Identifier: Apache-2.0
// An interface's address together with its network: "10.0.0.1/24".
#pragma once

#include <cstdint>

#include "dataplane/abi/address.h"

namespace vipfwd::config {

struct InterfaceAddress {
    IpAddress address;
    std::uint32_t prefix_length = 0;  // in bits of the address's own family: 1..32 or 1..128

    // True if `other` is of the same family and in this network.
    bool contains(const IpAddress& other) const;
    // The lowest address of the network, whose host bits are all zero.
    IpAddress first() const;
    // The same if it is no host's: it stands for the network (IPv4), or for any of its routers
    // (RFC 4291 §2.6.1). None for prefixes without room for it: of 31, 32, 127 and 128 bits.
    IpAddress network() const;
    // The network's broadcast address. None for IPv6, and for IPv4 prefixes of 31 and 32 bits,
    // which have no broadcast address.
    IpAddress broadcast() const;
    friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

}  // namespace vipfwd::config
