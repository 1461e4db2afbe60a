// SPDX-License-Identifier: Apache-2.0
// A UDP socket by which gateways talk to each other, beside their adverts. All of them use the same
// port. Only packets of this link count: they have a TTL or hop limit of 255 (RFC 5082), which the
// receiver checks. Needs CAP_NET_RAW, as AdvertSocket does.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "control/net/interface_socket.h"

namespace vipfwd::net {

class PeerSocket : public InterfaceSocket {
  public:
    // Receives datagrams to the interface's own addresses.
    static Result<PeerSocket> open(const std::string& interface, bool is_v4, std::uint16_t port);

  private:
    PeerSocket(abi::Fd fd, bool is_v4, int interface, std::uint16_t port)
        : InterfaceSocket(std::move(fd), is_v4, interface, port) {}
};

}  // namespace vipfwd::net
