// SPDX-License-Identifier: Apache-2.0
// The sockets of probes.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "dataplane/abi/address.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::health {

// A socket, non-blocking and close-on-exec, which closes by RST if it is of TCP. Empty, with errno,
// if there is none. `family` is AF_INET or AF_INET6, `type` SOCK_STREAM or SOCK_DGRAM.
abi::Fd open_probe_socket(int family, int type = SOCK_STREAM);

// 0 or an errno. Never waits.
int connect_socket(int socket, const IpAddress& address, std::uint16_t port);

// False before the peer has answered, and after a reset.
bool is_connected(int socket);

}  // namespace vipfwd::health
