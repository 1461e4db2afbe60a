// SPDX-License-Identifier: Apache-2.0
// A raw socket for VRRP adverts. It receives the adverts of other gateways. It sends adverts, whose
// checksums are computed for their source and destination, only when the dataplane cannot. Needs
// CAP_NET_RAW.
#pragma once

#include <string>
#include <utility>

#include "control/net/interface_socket.h"

namespace vipfwd::net {

using ReceivedAdvert = ReceivedPacket;

class AdvertSocket : public InterfaceSocket {
  public:
    // Receives packets to the interface's own addresses and to the multicast group of VRRP.
    static Result<AdvertSocket> open(const std::string& interface, bool is_v4);

  private:
    AdvertSocket(abi::Fd fd, bool is_v4, int interface)
        : InterfaceSocket(std::move(fd), is_v4, interface, 0) {}
};

}  // namespace vipfwd::net
