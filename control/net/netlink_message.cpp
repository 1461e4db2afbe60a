// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace vipfwd::net {
namespace {

constexpr std::size_t kMappedBits = 96;  // precede an IPv4 address in its IPv4-mapped form
constexpr int kMaxErrno = 4095;          // MAX_ERRNO of the kernel

// A message's attributes by type. Of several attributes of one type, the last is kept.
class Attributes {
  public:
    static constexpr std::size_t kTypes =
        IFLA_LINK_NETNSID + 1;  // the highest type that is read here
    explicit Attributes(std::span<const std::byte> bytes) {
        mnl_attr_parse_payload(bytes.data(), bytes.size(), keep, this);
    }
    // The attributes follow the first `offset` bytes of the payload, which must be that long.
    Attributes(const nlmsghdr& header, std::size_t offset)
        : Attributes(std::span(static_cast<const std::byte*>(mnl_nlmsg_get_payload(&header)),
                               mnl_nlmsg_get_payload_len(&header))
                         .subspan(offset)) {}

    std::span<const std::byte> bytes(std::size_t type) const {
        const nlattr* attribute = found_[type];
        if (attribute == nullptr)
            return {};
        return {static_cast<const std::byte*>(mnl_attr_get_payload(attribute)),
                mnl_attr_get_payload_len(attribute)};
    }
    std::optional<std::uint32_t> u32(std::size_t type) const { return number<std::uint32_t>(type); }
    std::optional<std::uint16_t> u16(std::size_t type) const { return number<std::uint16_t>(type); }
    std::optional<std::uint8_t> u8(std::size_t type) const { return number<std::uint8_t>(type); }
    // With or without a terminating NUL.
    std::string_view text(std::size_t type) const {
        const auto from = bytes(type);
        const std::string_view all(reinterpret_cast<const char*>(from.data()), from.size());
        return all.substr(0, all.find('\0'));
    }

  private:
    template <typename T>
    std::optional<T> number(std::size_t type) const {
        const auto from = bytes(type);
        if (from.size() != sizeof(T))
            return std::nullopt;
        T value = 0;
        std::memcpy(&value, from.data(), sizeof value);
        return value;
    }
    static int keep(const nlattr* attribute, void* self) {
        const std::size_t type = mnl_attr_get_type(attribute);
        if (type < kTypes)
            static_cast<Attributes*>(self)->found_[type] = attribute;
        return MNL_CB_OK;
    }

    std::array<const nlattr*, kTypes> found_{};
};

// IpAddress{} (none) unless `bytes` has the length of an address of the family.
IpAddress to_address(int family, std::span<const std::byte> bytes) {
    if (family == AF_INET && bytes.size() == 4) {
        Be32 v4;
        std::memcpy(&v4.raw, bytes.data(), sizeof v4.raw);
        return IpAddress::from_v4(v4);
    }
    IpAddress v6;
    if (family == AF_INET6 && bytes.size() == v6.bytes.size())
        std::memcpy(v6.bytes.data(), bytes.data(), v6.bytes.size());
    return v6;
}

bool is_ip(int family) {
    return family == AF_INET || family == AF_INET6;
}

// The fixed part of a message; nullopt if the message is too short for it.
template <typename Header>
std::optional<Header> fixed_part(const nlmsghdr& header) {
    if (mnl_nlmsg_get_payload_len(&header) < sizeof(Header))
        return std::nullopt;
    Header fixed;
    std::memcpy(&fixed, mnl_nlmsg_get_payload(&header), sizeof fixed);
    return fixed;
}

// 0 if the parent is in another namespace, where interface numbers have another meaning.
int parent_of(const Attributes& link) {
    if (!link.bytes(IFLA_LINK_NETNSID).empty())
        return 0;
    return static_cast<int>(link.u32(IFLA_LINK).value_or(0));
}

std::optional<Vlan> vlan_of(const Attributes& link) {
    const Attributes info(link.bytes(IFLA_LINKINFO));
    if (info.text(IFLA_INFO_KIND) != "vlan")
        return std::nullopt;
    const Attributes data(info.bytes(IFLA_INFO_DATA));
    const auto id = data.u16(IFLA_VLAN_ID);
    if (!id)
        return std::nullopt;
    const std::uint16_t protocol = data.u16(IFLA_VLAN_PROTOCOL).value_or(htons(ETH_P_8021Q));
    return Vlan{.parent = parent_of(link), .id = *id, .protocol = ntohs(protocol)};
}

std::optional<LinkMessage> parse_link(const nlmsghdr& header) {
    const auto info = fixed_part<ifinfomsg>(header);
    // AF_BRIDGE messages are about bridge ports: leaving a bridge does not remove the interface.
    if (!info || info->ifi_family != AF_UNSPEC || info->ifi_index <= 0)
        return std::nullopt;
    const Attributes attributes(header, sizeof *info);
    return LinkMessage{.interface = info->ifi_index,
                       .removed = header.nlmsg_type == RTM_DELLINK,
                       .name = std::string(attributes.text(IFLA_IFNAME)),
                       .mtu = attributes.u32(IFLA_MTU).value_or(0),
                       .up = (info->ifi_flags & IFF_UP) != 0,
                       .running = (info->ifi_flags & IFF_RUNNING) != 0,
                       .vlan = vlan_of(attributes)};
}

std::optional<AddressMessage> parse_address(const nlmsghdr& header) {
    const auto info = fixed_part<ifaddrmsg>(header);
    if (!info || !is_ip(info->ifa_family))
        return std::nullopt;
    const Attributes attributes(header, sizeof *info);
    // On a point-to-point link IFA_ADDRESS is the peer's address.
    IpAddress local = to_address(info->ifa_family, attributes.bytes(IFA_LOCAL));
    if (local.is_none())
        local = to_address(info->ifa_family, attributes.bytes(IFA_ADDRESS));
    if (local.is_none())
        return std::nullopt;
    constexpr std::uint32_t kUnfit =
        IFA_F_SECONDARY | IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED;
    const std::uint32_t flags = attributes.u32(IFA_FLAGS).value_or(info->ifa_flags);
    return AddressMessage{.interface = static_cast<int>(info->ifa_index),
                          .removed = header.nlmsg_type == RTM_DELADDR,
                          .address = {.address = local, .prefix_length = info->ifa_prefixlen},
                          .primary = info->ifa_scope == RT_SCOPE_UNIVERSE && (flags & kUnfit) == 0,
                          .managed = attributes.u8(IFA_PROTO) == kManagedAddressProtocol};
}

std::optional<NeighborMessage> parse_neighbor(const nlmsghdr& header) {
    const auto info = fixed_part<ndmsg>(header);
    if (!info || !is_ip(info->ndm_family) || (info->ndm_flags & NTF_PROXY) != 0)
        return std::nullopt;
    const Attributes attributes(header, sizeof *info);
    const IpAddress address = to_address(info->ndm_family, attributes.bytes(NDA_DST));
    if (address.is_none())
        return std::nullopt;
    NeighborMessage neighbor{.key = {.interface = info->ndm_ifindex, .address = address},
                             .removed = header.nlmsg_type == RTM_DELNEIGH,
                             .state = info->ndm_state,
                             .mac = std::nullopt};
    const auto lladdr = attributes.bytes(NDA_LLADDR);
    MacAddress mac;
    if (lladdr.size() == mac.bytes.size()) {
        std::memcpy(mac.bytes.data(), lladdr.data(), mac.bytes.size());
        if (!mac.is_zero() && !mac.is_multicast())
            neighbor.mac = mac;
    }
    return neighbor;
}

RouteMessage::Kind kind_of(const rtmsg& info) {
    if (info.rtm_type == RTN_UNICAST)
        return RouteMessage::Kind::kUnicast;
    return info.rtm_type == RTN_LOCAL ? RouteMessage::Kind::kLocal : RouteMessage::Kind::kRefused;
}

// RTA_GATEWAY is of the route's family; RTA_VIA may be of the other family (RFC 8950).
IpAddress gateway_of(int family, const Attributes& attributes) {
    const auto via = attributes.bytes(RTA_VIA);
    std::uint16_t via_family = 0;
    if (via.size() > sizeof via_family) {
        std::memcpy(&via_family, via.data(), sizeof via_family);
        return to_address(via_family, via.subspan(sizeof via_family));
    }
    return to_address(family, attributes.bytes(RTA_GATEWAY));
}

std::optional<RouteMessage> parse_route(const nlmsghdr& header) {
    const auto info = fixed_part<rtmsg>(header);
    if (!info || !is_ip(info->rtm_family))
        return std::nullopt;
    const Attributes attributes(header, sizeof *info);
    const bool v4 = info->rtm_family == AF_INET;
    const std::size_t prefix_bits = info->rtm_dst_len + (v4 ? kMappedBits : 0);
    IpAddress first = to_address(info->rtm_family, attributes.bytes(RTA_DST));
    if (first.is_none() && v4)
        first = IpAddress::from_v4({});
    RouteMessage route{.first = first,
                       .last = first,
                       .kind = kind_of(*info),
                       .interface = static_cast<int>(attributes.u32(RTA_OIF).value_or(0)),
                       .gateway = gateway_of(info->rtm_family, attributes)};
    for (std::size_t bit = prefix_bits; bit < 8 * first.bytes.size(); ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80 >> bit % 8);
        route.first.bytes[bit / 8] = static_cast<std::uint8_t>(route.first.bytes[bit / 8] & ~mask);
        route.last.bytes[bit / 8] = static_cast<std::uint8_t>(route.last.bytes[bit / 8] | mask);
    }
    return route;
}

// For changes of rules and nexthop objects, which may redirect any address.
RouteMessage every_route() {
    RouteMessage route;
    route.last.bytes.fill(0xff);
    return route;
}

std::optional<Acknowledgement> parse_acknowledgement(const nlmsghdr& header) {
    const auto error = fixed_part<int>(header);
    if (!error || *error > 0 || *error < -kMaxErrno)
        return std::nullopt;
    return Acknowledgement{.error = -*error};
}

template <typename Body>
void append(std::vector<Message>& messages, const nlmsghdr& header, std::optional<Body> body) {
    if (body) {
        messages.push_back({.sequence = header.nlmsg_seq,
                            .interrupted = (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0,
                            .body = std::move(*body)});
    }
}

void append_parsed(std::vector<Message>& messages, const nlmsghdr& header) {
    switch (header.nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK:
            return append(messages, header, parse_link(header));
        case RTM_NEWADDR:
        case RTM_DELADDR:
            return append(messages, header, parse_address(header));
        case RTM_NEWNEIGH:
        case RTM_DELNEIGH:
            return append(messages, header, parse_neighbor(header));
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
            return append(messages, header, parse_route(header));
        case RTM_NEWRULE:
        case RTM_DELRULE:
        case RTM_NEWNEXTHOP:
        case RTM_DELNEXTHOP:
            return append(messages, header, std::optional(every_route()));
        case NLMSG_DONE:
            return append(messages, header, std::optional(DumpEnd{}));
        case NLMSG_ERROR:
            return append(messages, header, parse_acknowledgement(header));
        default:
            return;
    }
}

}  // namespace

std::vector<Message> parse_messages(std::span<const std::byte> bytes) {
    std::vector<Message> messages;
    while (bytes.size() >= sizeof(nlmsghdr)) {
        const auto& header = *reinterpret_cast<const nlmsghdr*>(bytes.data());
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size())
            break;
        append_parsed(messages, header);
        const std::size_t padded = MNL_ALIGN(std::size_t{header.nlmsg_len});
        bytes = bytes.subspan(std::min(padded, bytes.size()));
    }
    return messages;
}

}  // namespace vipfwd::net
