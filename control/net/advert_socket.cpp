// SPDX-License-Identifier: Apache-2.0
#include "control/net/advert_socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "control/vrrp/advert.h"

namespace vipfwd::net {
namespace {

constexpr int kPriority = 6;  // TC_PRIO_INTERACTIVE: before all other packets that the kernel sends
// The receive queue holds seconds of adverts, at a hundred per second and peer, while control is
// busy.
constexpr int kReceiveBytes = 1 << 20;

bool join(int fd, bool is_v4, int interface) {
    const IpAddress address = vrrp::multicast_group(is_v4);
    if (is_v4) {
        ip_mreqn group{};
        group.imr_multiaddr.s_addr = address.v4().raw;
        group.imr_ifindex = interface;
        return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group) == 0 &&
               setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group, sizeof group) == 0;
    }
    ipv6_mreq group{};
    std::memcpy(&group.ipv6mr_multiaddr, address.bytes.data(), sizeof group.ipv6mr_multiaddr);
    group.ipv6mr_interface = static_cast<unsigned>(interface);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) == 0 &&
           set_option(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, interface);
}

bool configure(int fd, bool is_v4) {
    const int level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
    const bool ok =
        set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) &&
        set_option(fd, SOL_SOCKET, SO_PRIORITY, kPriority) &&
        set_option(fd, level, is_v4 ? int{IP_TTL} : int{IPV6_UNICAST_HOPS}, vrrp::kTtl) &&
        set_option(fd, level, is_v4 ? int{IP_MULTICAST_TTL} : int{IPV6_MULTICAST_HOPS},
                   vrrp::kTtl) &&
        set_option(fd, level, is_v4 ? int{IP_MULTICAST_LOOP} : int{IPV6_MULTICAST_LOOP}, 0) &&
        (is_v4 || (set_option(fd, level, IPV6_RECVHOPLIMIT, 1) &&
                   set_option(fd, level, IPV6_RECVPKTINFO, 1)));
    // More than rmem_max, if control has the privilege.
    if (!set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBytes))
        set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBytes);
    return ok;
}

}  // namespace

Result<AdvertSocket> AdvertSocket::open(const std::string& interface, bool is_v4) {
    const int number = static_cast<int>(if_nametoindex(interface.c_str()));
    if (number == 0)
        return system_error("cannot receive adverts on " + interface);
    abi::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
                      vrrp::kIpProtocol));
    if (!fd)
        return system_error("cannot receive adverts on " + interface +
                            ": cannot open a raw socket");
    if (!bind_to_interface(fd.get(), interface) || !configure(fd.get(), is_v4) ||
        !join(fd.get(), is_v4, number))
        return system_error("cannot receive adverts on " + interface);
    return AdvertSocket(std::move(fd), is_v4, number);
}

}  // namespace vipfwd::net
