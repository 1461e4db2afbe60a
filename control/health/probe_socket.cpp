// SPDX-License-Identifier: Apache-2.0
#include "control/health/probe_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "control/health/socket_address.h"

namespace vipfwd::health {
namespace {

int max_segment_bytes(const Way& way) {
    constexpr int kHeaderBytes_v4 = 20 + 20;  // IP and TCP
    constexpr int kHeaderBytes_v6 = 40 + 20;
    // What Linux accepts for TCP_MAXSEG.
    constexpr int kLeast = 88;
    constexpr int kMost = 32767;
    const int headers = way.to.is_v4() ? kHeaderBytes_v4 : kHeaderBytes_v6;
    return std::clamp(static_cast<int>(way.max_packet_bytes) - headers, kLeast, kMost);
}

// The kernel chooses the local port when the socket is connected: then one may serve connections to
// several addresses.
bool use_tunnel(int socket, const Way& way, int type) {
    const SocketAddress from(way.from, 0);
    const int on = 1;
    const int segment_bytes = max_segment_bytes(way);
    return setsockopt(socket, SOL_SOCKET, SO_MARK, &way.mark, sizeof way.mark) == 0 &&
           (type != SOCK_STREAM || setsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes,
                                              sizeof segment_bytes) == 0) &&
           setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) == 0 &&
           bind(socket, from.get(), from.bytes()) == 0;
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
    const SocketAddress to(address, port);
    return connect(socket, to.get(), to.bytes()) == 0 ? 0 : errno;
}

bool is_connected(int socket) {
    SocketAddress peer;
    return getpeername(socket, peer.get(), peer.bytes()) == 0;
}

}  // namespace vipfwd::health
