// SPDX-License-Identifier: Apache-2.0
// Requests to the kernel that are answered one by one, each before the next is made.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "control/net/netlink_message.h"
#include "control/net/netlink_request.h"
#include "control/net/netlink_socket.h"

namespace vipfwd::net {

class Questions {
  public:
    // The kernel's answer to the request that `make` makes with a sequence number, which must be no
    // dump; nothing if it could not be asked.
    std::optional<Message> ask(const std::function<Request(std::uint32_t sequence)>& make);

    void close() { socket_.reset(); }

  private:
    std::optional<NetlinkSocket> socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace vipfwd::net
