// SPDX-License-Identifier: Apache-2.0
#include "control/health/probe_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace vipfwd::health {
namespace {

// Calls `use(address, size)` with the address as the socket calls want it, and returns what that
// returns.
template <typename Use>
int with_sockaddr(const IpAddress& address, std::uint16_t port, Use use) {
    if (address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = Be16::from_host(port).raw;
        v4.sin_addr.s_addr = address.v4().raw;
        return use(reinterpret_cast<const sockaddr*>(&v4), static_cast<socklen_t>(sizeof v4));
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = Be16::from_host(port).raw;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
    return use(reinterpret_cast<const sockaddr*>(&v6), static_cast<socklen_t>(sizeof v6));
}

// The kernel chooses the local port when the socket is connected: then one may serve connections to
// several addresses.
bool use_tunnel(int socket, const Way& way, int type) {
    const int on = 1;
    const int segment_bytes = static_cast<int>(way.max_segment_bytes);
    return setsockopt(socket, SOL_SOCKET, SO_MARK, &way.mark, sizeof way.mark) == 0 &&
           (type != SOCK_STREAM || setsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes,
                                              sizeof segment_bytes) == 0) &&
           setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0 &&
           with_sockaddr(way.from, 0, [socket](const sockaddr* from, socklen_t bytes) {
               return bind(socket, from, bytes);
           }) == 0;
}

}  // namespace

abi::Fd open_probe_socket(const Way& way, int type) {
    const int family = way.to.is_v4() ? AF_INET : AF_INET6;
    abi::Fd fd(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd)
        return fd;
    const linger reset{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (way.mark == 0 || use_tunnel(fd.get(), way, type))
        return fd;
    const int error = errno;
    fd = abi::Fd();
    errno = error;
    return fd;
}

int connect_socket(int socket, const IpAddress& address, std::uint16_t port) {
    return with_sockaddr(address, port, [socket](const sockaddr* to, socklen_t bytes) {
        return connect(socket, to, bytes) == 0 ? 0 : errno;
    });
}

bool is_connected(int socket) {
    sockaddr_in6 peer{};
    socklen_t size = sizeof peer;
    return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace vipfwd::health
