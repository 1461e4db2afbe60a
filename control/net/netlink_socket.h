// SPDX-License-Identifier: Apache-2.0
// A NETLINK_ROUTE socket of the calling thread's network namespace. Never blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "control/net/netlink_message.h"
#include "control/net/netlink_request.h"
#include "dataplane/abi/result.h"

struct mnl_socket;

namespace vipfwd::net {

class NetlinkSocket {
  public:
    // Subscribed to multicast `groups` (RTNLGRP_*).
    static Result<NetlinkSocket> open(std::span<const int> groups);

    int fd() const;
    Result<void> send(const Request& request);

    // The messages of the next datagram; nullopt if none has arrived. An error if messages were
    // lost (the queue overran): what the caller knows may then be out of date.
    Result<std::optional<std::vector<Message>>> receive();

    // Sends a request with sequence number `sequence` and receives its answer, which the kernel has
    // queued by the time the send returns. Only for sockets without groups; not for dumps.
    Result<Message> exchange(const Request& request, std::uint32_t sequence);

  private:
    struct Close {
        void operator()(mnl_socket* socket) const;
    };
    explicit NetlinkSocket(mnl_socket* socket);

    std::unique_ptr<mnl_socket, Close> socket_;
    std::vector<std::byte> buffer_;
};

}  // namespace vipfwd::net
