// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_request.h"

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

namespace vipfwd::net {
namespace {

template <typename Fixed>
nlmsghdr* start_request(std::array<std::byte, 256>& buffer, std::uint16_t type, std::uint16_t flags,
                        std::uint32_t sequence, const Fixed& fixed) {
    nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    header->nlmsg_seq = sequence;
    std::memcpy(mnl_nlmsg_put_extra_header(header, sizeof fixed), &fixed, sizeof fixed);
    return header;
}

void put_address(nlmsghdr* header, std::uint16_t type, const IpAddress& address) {
    if (address.is_v4())
        mnl_attr_put(header, type, 4, &address.bytes[12]);
    else
        mnl_attr_put(header, type, address.bytes.size(), address.bytes.data());
}

std::uint8_t family_of(const IpAddress& address) {
    return address.is_v4() ? AF_INET : AF_INET6;
}

Request finish(const nlmsghdr* header) {
    const auto* bytes = reinterpret_cast<const std::byte*>(header);
    return {bytes, bytes + header->nlmsg_len};
}

}  // namespace

Request dump_request(Dump dump, std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    switch (dump) {
        case Dump::kLinks:
            return finish(start_request(buffer, RTM_GETLINK, NLM_F_DUMP, sequence, ifinfomsg{}));
        case Dump::kAddresses:
            return finish(start_request(buffer, RTM_GETADDR, NLM_F_DUMP, sequence, ifaddrmsg{}));
        case Dump::kNeighbors:
            break;
    }
    return finish(start_request(buffer, RTM_GETNEIGH, NLM_F_DUMP, sequence, ndmsg{}));
}

Request route_request(const IpAddress& address, std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    rtmsg fixed{};
    fixed.rtm_family = family_of(address);
    fixed.rtm_dst_len = address.is_v4() ? 32 : 128;
    nlmsghdr* header = start_request(buffer, RTM_GETROUTE, 0, sequence, fixed);
    put_address(header, RTA_DST, address);
    return finish(header);
}

Request neighbor_use_request(const NeighborKey& neighbor, std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    ndmsg fixed{};
    fixed.ndm_family = family_of(neighbor.address);
    fixed.ndm_ifindex = neighbor.interface;
    fixed.ndm_state = NUD_NONE;
    fixed.ndm_flags = NTF_USE;
    nlmsghdr* header =
        start_request(buffer, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_ACK, sequence, fixed);
    put_address(header, NDA_DST, neighbor.address);
    return finish(header);
}

}  // namespace vipfwd::net
