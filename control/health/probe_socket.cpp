// SPDX-License-Identifier: Apache-2.0
#include "control/health/probe_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace vipfwd::health {
namespace {

int connect_to(int socket, const auto& to) {
    return connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ? 0 : errno;
}

}  // namespace

abi::Fd open_probe_socket(int family, int type) {
    abi::Fd fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const linger reset{.l_onoff = 1, .l_linger = 0};
    if (fd)
        setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    return fd;
}

int connect_socket(int socket, const IpAddress& address, std::uint16_t port) {
    if (address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = Be16::from_host(port).raw;
        v4.sin_addr.s_addr = address.v4().raw;
        return connect_to(socket, v4);
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = Be16::from_host(port).raw;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
    return connect_to(socket, v6);
}

bool is_connected(int socket) {
    sockaddr_in6 peer{};
    socklen_t size = sizeof peer;
    return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace vipfwd::health
