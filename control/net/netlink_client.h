// SPDX-License-Identifier: Apache-2.0
// Synchronous rtnetlink requests: one request, one answer. Opens its socket when it is first used,
// and again after a failure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "control/net/netlink_message.h"
#include "control/net/netlink_request.h"
#include "control/net/netlink_socket.h"

namespace vipfwd::net {

// 0 or an errno: what became of a request that is acknowledged. ENOBUFS: the socket failed.
int error_of(const std::optional<Message>& answer);

class NetlinkClient {
  public:
    // Sends the request that `make` builds with a fresh sequence number, and returns the kernel's
    // answer; nullopt if the socket failed. Not for dumps, which have more than one answer.
    std::optional<Message> request(const std::function<Request(std::uint32_t sequence)>& make);

    void close() { socket_.reset(); }

  private:
    std::optional<NetlinkSocket> socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace vipfwd::net
