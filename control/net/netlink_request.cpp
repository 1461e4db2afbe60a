// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_request.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
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

ifaddrmsg host_address(int interface, const IpAddress& address) {
    ifaddrmsg fixed{};
    fixed.ifa_family = family_of(address);
    fixed.ifa_prefixlen = address.is_v4() ? 32 : 128;
    fixed.ifa_index = static_cast<std::uint32_t>(interface);
    // The host scope is the only way to keep the kernel from selecting an IPv4 address as a source.
    fixed.ifa_scope = address.is_v4() ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
    return fixed;
}

// Both attributes: otherwise RTM_DELADDR compares no prefix length, and would remove the same
// address with another prefix.
void put_host_address(nlmsghdr* header, const IpAddress& address) {
    put_address(header, IFA_LOCAL, address);
    put_address(header, IFA_ADDRESS, address);
}

Request finish(const nlmsghdr* header) {
    const auto* bytes = reinterpret_cast<const std::byte*>(header);
    return {bytes, bytes + header->nlmsg_len};
}

Request address_request(int interface, const IpAddress& address, std::uint32_t valid_s,
                        std::uint16_t how, std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    nlmsghdr* header =
        start_request(buffer, RTM_NEWADDR, static_cast<std::uint16_t>(how | NLM_F_ACK), sequence,
                      host_address(interface, address));
    put_host_address(header, address);
    std::uint32_t flags = IFA_F_NOPREFIXROUTE;
    if (!address.is_v4())
        flags |= IFA_F_NODAD;
    mnl_attr_put_u32(header, IFA_FLAGS, flags);
    mnl_attr_put_u8(header, IFA_PROTO, kManagedAddressProtocol);
    ifa_cacheinfo lifetimes{};
    lifetimes.ifa_prefered = 0;  // deprecated: never selected as an IPv6 source
    lifetimes.ifa_valid = valid_s;
    mnl_attr_put(header, IFA_CACHEINFO, sizeof lifetimes, &lifetimes);
    return finish(header);
}

std::uint16_t flags_of(Change change) {
    return change == Change::kAdd ? NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL : NLM_F_ACK;
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

Request address_add_request(int interface, const IpAddress& address, std::uint32_t sequence) {
    return address_request(interface, address, kForever, NLM_F_CREATE | NLM_F_EXCL, sequence);
}

Request address_lifetime_request(int interface, const IpAddress& address, std::uint32_t valid_s,
                                 std::uint32_t sequence) {
    return address_request(interface, address, valid_s, NLM_F_REPLACE, sequence);
}

Request address_remove_request(int interface, const IpAddress& address, std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    nlmsghdr* header =
        start_request(buffer, RTM_DELADDR, NLM_F_ACK, sequence, host_address(interface, address));
    put_host_address(header, address);
    return finish(header);
}

Request rule_request(Change change, int family, const MarkRule& rule, std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    fib_rule_hdr fixed{};
    fixed.family = static_cast<std::uint8_t>(family);
    fixed.action = FR_ACT_TO_TBL;
    const bool is_new = change == Change::kAdd;
    nlmsghdr* header = start_request(buffer, is_new ? RTM_NEWRULE : RTM_DELRULE, flags_of(change),
                                     sequence, fixed);
    mnl_attr_put_u32(header, FRA_PRIORITY, rule.preference);
    mnl_attr_put_u32(header, FRA_FWMARK, rule.mark);
    mnl_attr_put_u32(header, FRA_FWMASK, rule.mask);
    mnl_attr_put_u32(header, FRA_TABLE, rule.table);
    return finish(header);
}

Request local_route_request(Change change, int family, std::uint32_t table, int loopback,
                            std::uint32_t sequence) {
    alignas(nlmsghdr) std::array<std::byte, 256> buffer{};
    rtmsg fixed{};
    fixed.rtm_family = static_cast<std::uint8_t>(family);
    fixed.rtm_protocol = RTPROT_STATIC;
    fixed.rtm_scope = family == AF_INET ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
    fixed.rtm_type = RTN_LOCAL;
    const bool is_new = change == Change::kAdd;
    nlmsghdr* header = start_request(buffer, is_new ? RTM_NEWROUTE : RTM_DELROUTE, flags_of(change),
                                     sequence, fixed);
    mnl_attr_put_u32(header, RTA_TABLE, table);
    mnl_attr_put_u32(header, RTA_OIF, static_cast<std::uint32_t>(loopback));
    return finish(header);
}

}  // namespace vipfwd::net
