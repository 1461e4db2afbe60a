// SPDX-License-Identifier: Apache-2.0
// The sockets of probes.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "dataplane/abi/address.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::health {

// Where a probe connects to, and how its packets get there.
struct Way {
    IpAddress to;
    // Of a way through a tunnel:
    std::uint32_t mark = 0;  // of the packets; 0: none
    IpAddress from = {};
    // Of an IP packet in the tunnel: the largest that the dataplane sends there, or the kernel can.
    std::uint32_t max_packet_bytes = 0;
};

// A socket, non-blocking and close-on-exec, which closes by RST if it is of TCP. Empty, with errno,
// if it cannot be used. `type` is SOCK_STREAM or SOCK_DGRAM.
abi::Fd open_probe_socket(const Way& way, int type = SOCK_STREAM);

// 0 or an errno. Never waits.
int connect_socket(int socket, const IpAddress& address, std::uint16_t port);

// False before the peer has answered, and after a reset.
bool is_connected(int socket);

}  // namespace vipfwd::health
