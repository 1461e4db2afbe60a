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

    // The messages of the next datagram; nothing if there is none yet. An error if messages were
    // lost (the queue overran): what we know may be out of date.
    Result<std::optional<std::vector<Message>>> receive();

    // Sends a request with sequence number `sequence` and takes its answer: the kernel has it ready
    // when the send returns. Only on a socket without groups, and not for dumps.
    Result<Message> ask(const Request& request, std::uint32_t sequence);

  private:
    struct Close {
        void operator()(mnl_socket* socket) const;
    };
    explicit NetlinkSocket(mnl_socket* socket);

    std::unique_ptr<mnl_socket, Close> socket_;
    std::vector<std::byte> buffer_;
};

}  // namespace vipfwd::net
