// SPDX-License-Identifier: Apache-2.0
#include "control/net/peer_socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

namespace vipfwd::net {
namespace {

constexpr int kTtl = 255;

bool set_up(int fd, bool is_v4) {
    if (!set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1))
        return false;
    if (is_v4)
        return set_option(fd, IPPROTO_IP, IP_TTL, kTtl) &&
               set_option(fd, IPPROTO_IP, IP_RECVTTL, 1) &&
               set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
    return set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           set_option(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, kTtl) &&
           set_option(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) &&
           set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

bool bind_any(int fd, bool is_v4, std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = Be16::from_host(port).raw;
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = Be16::from_host(port).raw;
    return is_v4 ? bind(fd, reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0
                 : bind(fd, reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
}

}  // namespace

Result<PeerSocket> PeerSocket::open(const std::string& interface, bool is_v4, std::uint16_t port) {
    const std::string what =
        "cannot talk to other gateways by UDP port " + std::to_string(port) + " on " + interface;
    const int number = static_cast<int>(if_nametoindex(interface.c_str()));
    if (number == 0)
        return system_error(what);
    abi::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd || !bind_to_interface(fd.get(), interface) || !set_up(fd.get(), is_v4) ||
        !bind_any(fd.get(), is_v4, port))
        return system_error(what);
    return PeerSocket(std::move(fd), is_v4, number, port);
}

}  // namespace vipfwd::net
