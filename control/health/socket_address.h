// SPDX-License-Identifier: Apache-2.0
// An address and a port as the calls on sockets want them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

#include "dataplane/abi/address.h"

namespace vipfwd::health {

class SocketAddress {
  public:
    // To be filled by a call that receives.
    SocketAddress() = default;

    SocketAddress(const IpAddress& address, std::uint16_t port) {
        const std::uint16_t wire_port = Be16::from_host(port).raw;
        if (address.is_v4()) {
            v4_.sin_family = AF_INET;
            v4_.sin_port = wire_port;
            v4_.sin_addr.s_addr = address.v4().raw;
            bytes_ = sizeof v4_;
        } else {
            v6_ = {};
            v6_.sin6_family = AF_INET6;
            v6_.sin6_port = wire_port;
            std::memcpy(&v6_.sin6_addr, address.bytes.data(), sizeof v6_.sin6_addr);
        }
    }

    sockaddr* get() { return &any_; }
    const sockaddr* get() const { return &any_; }
    socklen_t* bytes() { return &bytes_; }
    socklen_t bytes() const { return bytes_; }

    // Requires an address of IPv4 or IPv6.
    IpAddress ip() const {
        if (any_.sa_family == AF_INET)
            return IpAddress::from_v4({v4_.sin_addr.s_addr});
        IpAddress address;
        std::memcpy(address.bytes.data(), &v6_.sin6_addr, sizeof v6_.sin6_addr);
        return address;
    }

  private:
    union {
        sockaddr any_;
        sockaddr_in v4_;
        sockaddr_in6 v6_ = {};
    };
    socklen_t bytes_ = sizeof v6_;
};

}  // namespace vipfwd::health
