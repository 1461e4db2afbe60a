// SPDX-License-Identifier: Apache-2.0
#include "control/net/netlink_message.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <random>

#include "tests/control/net/message_bytes.h"

namespace vipfwd::net {
namespace {

// The only message in `bytes`; nullopt if it is not a T.
template <typename T>
std::optional<T> only(const MessageBytes& bytes) {
    const std::vector<Message> messages = parse_messages(bytes.bytes());
    if (messages.size() != 1 || !std::holds_alternative<T>(messages[0].body))
        return std::nullopt;
    return std::get<T>(messages[0].body);
}

ifinfomsg link_info(std::uint8_t family, int index, unsigned flags) {
    ifinfomsg info{};
    info.ifi_family = family;
    info.ifi_index = index;
    info.ifi_flags = flags;
    return info;
}

ifaddrmsg address_info(std::uint8_t family, std::uint8_t prefix_length) {
    ifaddrmsg info{};
    info.ifa_family = family;
    info.ifa_prefixlen = prefix_length;
    info.ifa_index = 7;
    return info;
}

ndmsg neighbor_info(std::uint8_t family, std::uint16_t state, std::uint8_t flags = 0) {
    ndmsg info{};
    info.ndm_family = family;
    info.ndm_ifindex = 7;
    info.ndm_state = state;
    info.ndm_flags = flags;
    return info;
}

rtmsg route_info(std::uint8_t family, std::uint8_t prefix_length, std::uint8_t type = RTN_UNICAST) {
    rtmsg info{};
    info.rtm_family = family;
    info.rtm_dst_len = prefix_length;
    info.rtm_type = type;
    return info;
}

MessageBytes neighbor_bytes() {
    MessageBytes bytes;
    bytes.message(RTM_NEWNEIGH, neighbor_info(AF_INET, NUD_STALE))
        .address(NDA_DST, "10.0.0.11")
        .mac(NDA_LLADDR, "02:00:00:00:00:11");
    return bytes;
}

TEST(NetlinkMessage, ALinkHasANameAnMtuAndAState) {
    MessageBytes bytes;
    bytes.message(RTM_NEWLINK, link_info(AF_UNSPEC, 7, IFF_UP))
        .text(IFLA_IFNAME, "eth1")
        .number(IFLA_MTU, 1600);
    const auto link = only<LinkMessage>(bytes);
    ASSERT_TRUE(link);
    EXPECT_EQ(link->interface, 7);
    EXPECT_EQ(link->name, "eth1");
    EXPECT_EQ(link->mtu, 1600u);
    EXPECT_TRUE(link->up);
    EXPECT_FALSE(link->running);
    EXPECT_FALSE(link->removed);
}

// The kernel's message about eth1.100, with the attributes that `more` adds.
template <typename More>
MessageBytes vlan_bytes(std::string_view kind, More more) {
    MessageBytes bytes;
    bytes.message(RTM_NEWLINK, link_info(AF_UNSPEC, 8, IFF_UP))
        .text(IFLA_IFNAME, "eth1.100")
        .number(IFLA_LINK, 7)
        .nested(IFLA_LINKINFO, [&](MessageBytes& info) {
            info.text(IFLA_INFO_KIND, kind).nested(IFLA_INFO_DATA, [](MessageBytes& data) {
                data.number16(IFLA_VLAN_ID, 100);
                data.number16(IFLA_VLAN_PROTOCOL, htons(ETH_P_8021AD));
            });
        });
    more(bytes);
    return bytes;
}

TEST(NetlinkMessage, AVlansLinkHasAParentATagAndItsProtocol) {
    const auto nothing = [](MessageBytes&) {};
    const auto vlan = only<LinkMessage>(vlan_bytes("vlan", nothing))->vlan;
    EXPECT_EQ(vlan, (Vlan{.parent = 7, .id = 100, .protocol = ETH_P_8021AD}));
    EXPECT_EQ(only<LinkMessage>(vlan_bytes("macvlan", nothing))->vlan, std::nullopt);
}

TEST(NetlinkMessage, AVlansParentInAnotherNamespaceIsUnknown) {
    const auto elsewhere = [](MessageBytes& bytes) { bytes.number(IFLA_LINK_NETNSID, 0); };
    EXPECT_EQ(only<LinkMessage>(vlan_bytes("vlan", elsewhere))->vlan->parent, 0);
}

TEST(NetlinkMessage, AVlanWithoutProtocolIsOf8021Q) {
    MessageBytes bytes;
    bytes.message(RTM_NEWLINK, link_info(AF_UNSPEC, 8, 0))
        .nested(IFLA_LINKINFO, [](MessageBytes& info) {
            info.attribute(IFLA_INFO_KIND, "vlan", 4);  // not terminated
            info.nested(IFLA_INFO_DATA, [](MessageBytes& data) { data.number16(IFLA_VLAN_ID, 5); });
        });
    EXPECT_EQ(only<LinkMessage>(bytes)->vlan,
              (Vlan{.parent = 0, .id = 5, .protocol = ETH_P_8021Q}));
}

TEST(NetlinkMessage, LeavingABridgeDoesNotRemoveALink) {
    MessageBytes bytes;
    bytes.message(RTM_DELLINK, link_info(AF_BRIDGE, 7, 0)).text(IFLA_IFNAME, "eth1");
    EXPECT_TRUE(parse_messages(bytes.bytes()).empty());
}

TEST(NetlinkMessage, OnAPointToPointLinkTheLocalAddressCounts) {
    MessageBytes bytes;
    bytes.message(RTM_NEWADDR, address_info(AF_INET, 32))
        .address(IFA_ADDRESS, "10.0.0.2")
        .address(IFA_LOCAL, "10.0.0.1");
    const auto address = only<AddressMessage>(bytes);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->address.address, *parse_ip("10.0.0.1"));
    EXPECT_EQ(address->address.prefix_length, 32u);
    EXPECT_TRUE(address->primary);
}

TEST(NetlinkMessage, AManagedAddressIsRecognisedByItsMark) {
    for (const std::uint8_t mark : {std::uint8_t{0}, kManagedAddressProtocol, std::uint8_t{18}}) {
        MessageBytes bytes;
        bytes.message(RTM_DELADDR, address_info(AF_INET, 32))
            .address(IFA_LOCAL, "10.0.0.100")
            .number8(IFA_PROTO, mark);
        const auto address = only<AddressMessage>(bytes);
        ASSERT_TRUE(address);
        EXPECT_EQ(address->managed, mark == kManagedAddressProtocol) << int{mark};
    }
}

TEST(NetlinkMessage, AnAddressThatIsNotFitToBeASourceIsNotPrimary) {
    for (const std::uint32_t flag :
         {IFA_F_SECONDARY, IFA_F_TENTATIVE, IFA_F_DADFAILED, IFA_F_DEPRECATED}) {
        MessageBytes bytes;
        bytes.message(RTM_NEWADDR, address_info(AF_INET6, 64))
            .address(IFA_ADDRESS, "fd00::1")
            .number(IFA_FLAGS, flag);
        const auto address = only<AddressMessage>(bytes);
        ASSERT_TRUE(address);
        EXPECT_FALSE(address->primary) << flag;
    }
    ifaddrmsg link_local = address_info(AF_INET6, 64);
    link_local.ifa_scope = RT_SCOPE_LINK;
    MessageBytes bytes;
    bytes.message(RTM_NEWADDR, link_local).address(IFA_ADDRESS, "fe80::1");
    EXPECT_FALSE(only<AddressMessage>(bytes)->primary);
}

TEST(NetlinkMessage, ANeighborHasAMacIfItIsAUnicastOne) {
    const auto neighbor = only<NeighborMessage>(neighbor_bytes());
    ASSERT_TRUE(neighbor);
    EXPECT_EQ(neighbor->key, (NeighborKey{7, *parse_ip("10.0.0.11")}));
    EXPECT_EQ(neighbor->state, NUD_STALE);
    EXPECT_EQ(neighbor->mac, parse_mac("02:00:00:00:00:11"));

    for (const char* unfit : {"00:00:00:00:00:00", "01:00:5e:00:00:01"}) {
        MessageBytes bytes;
        bytes.message(RTM_NEWNEIGH, neighbor_info(AF_INET6, NUD_NOARP))
            .address(NDA_DST, "fd00::11")
            .mac(NDA_LLADDR, unfit);
        EXPECT_EQ(only<NeighborMessage>(bytes)->mac, std::nullopt);
    }
}

TEST(NetlinkMessage, ProxyAndBridgeEntriesAreNoNeighbors) {
    MessageBytes bytes;
    bytes.message(RTM_NEWNEIGH, neighbor_info(AF_INET, NUD_PERMANENT, NTF_PROXY))
        .address(NDA_DST, "10.0.0.11");
    bytes.message(RTM_NEWNEIGH, neighbor_info(AF_BRIDGE, NUD_PERMANENT))
        .mac(NDA_LLADDR, "02:00:00:00:00:11");
    EXPECT_TRUE(parse_messages(bytes.bytes()).empty());
}

TEST(NetlinkMessage, ARouteCoversTheAddressesOfItsPrefix) {
    MessageBytes bytes;
    bytes.message(RTM_NEWROUTE, route_info(AF_INET, 12))
        .address(RTA_DST, "172.16.0.0")
        .address(RTA_GATEWAY, "10.0.0.254")
        .number(RTA_OIF, 7);
    const auto route = only<RouteMessage>(bytes);
    ASSERT_TRUE(route);
    EXPECT_EQ(route->first, *parse_ip("172.16.0.0"));
    EXPECT_EQ(route->last, *parse_ip("172.31.255.255"));
    EXPECT_EQ(route->kind, RouteMessage::Kind::kUnicast);
    EXPECT_EQ(route->interface, 7);
    EXPECT_EQ(route->gateway, *parse_ip("10.0.0.254"));
}

TEST(NetlinkMessage, ADefaultRouteCoversItsFamily) {
    MessageBytes v4;
    v4.message(RTM_DELROUTE, route_info(AF_INET, 0));
    EXPECT_EQ(only<RouteMessage>(v4)->first, *parse_ip("0.0.0.0"));
    EXPECT_EQ(only<RouteMessage>(v4)->last, *parse_ip("255.255.255.255"));
    MessageBytes v6;
    v6.message(RTM_DELROUTE, route_info(AF_INET6, 0));
    EXPECT_EQ(only<RouteMessage>(v6)->first, *parse_ip("::"));
    EXPECT_EQ(only<RouteMessage>(v6)->last, *parse_ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

TEST(NetlinkMessage, AnIpv4RouteMayHaveAnIpv6Gateway) {
    struct {
        std::uint16_t family = AF_INET6;
        std::array<std::uint8_t, 16> address = parse_ip("fe80::1")->bytes;
    } const via;
    MessageBytes bytes;
    bytes.message(RTM_NEWROUTE, route_info(AF_INET, 32))
        .address(RTA_DST, "10.1.0.1")
        .attribute(RTA_VIA, &via, sizeof via);
    EXPECT_EQ(only<RouteMessage>(bytes)->gateway, *parse_ip("fe80::1"));
}

TEST(NetlinkMessage, AnIpv6RouteMayHaveALinkLocalGateway) {
    MessageBytes bytes;
    bytes.message(RTM_NEWROUTE, route_info(AF_INET6, 48))
        .address(RTA_DST, "fd00:9::")
        .address(RTA_GATEWAY, "fe80::1")
        .number(RTA_OIF, 7);
    const auto route = only<RouteMessage>(bytes);
    ASSERT_TRUE(route);
    EXPECT_EQ(route->first, *parse_ip("fd00:9::"));
    EXPECT_EQ(route->last, *parse_ip("fd00:9:0:ffff:ffff:ffff:ffff:ffff"));
    EXPECT_EQ(route->gateway, *parse_ip("fe80::1"));
    EXPECT_EQ(route->interface, 7);
    EXPECT_EQ(route->kind, RouteMessage::Kind::kUnicast);
}

TEST(NetlinkMessage, AnycastAndMulticastRoutesAreRefused) {
    for (const std::uint8_t type : {RTN_ANYCAST, RTN_MULTICAST, RTN_UNREACHABLE}) {
        MessageBytes bytes;
        bytes.message(RTM_NEWROUTE, route_info(AF_INET6, 128, type))
            .address(RTA_DST, "fd00::")
            .number(RTA_OIF, 7);
        EXPECT_EQ(only<RouteMessage>(bytes)->kind, RouteMessage::Kind::kRefused) << int{type};
    }
}

TEST(NetlinkMessage, ARuleOrANexthopObjectMayRedirectEveryAddress) {
    for (const std::uint16_t type : {RTM_NEWRULE, RTM_DELRULE, RTM_NEWNEXTHOP, RTM_DELNEXTHOP}) {
        MessageBytes bytes;
        bytes.message(type, rtmsg{});
        const auto route = only<RouteMessage>(bytes);
        ASSERT_TRUE(route);
        EXPECT_EQ(route->first, *parse_ip("::"));
        EXPECT_EQ(route->last, *parse_ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
    }
}

TEST(NetlinkMessage, AnAcknowledgementCarriesAnErrno) {
    nlmsgerr refusal{};
    refusal.error = -ENETUNREACH;
    MessageBytes bytes;
    bytes.message(NLMSG_ERROR, refusal, 0, 42);
    const std::vector<Message> messages = parse_messages(bytes.bytes());
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_EQ(messages[0].sequence, 42u);
    EXPECT_EQ(std::get<Acknowledgement>(messages[0].body).error, ENETUNREACH);
}

TEST(NetlinkMessage, ADatagramMayHoldSeveralMessagesAndMarkADumpAsInterrupted) {
    MessageBytes bytes = neighbor_bytes();
    bytes.message(NLMSG_DONE, 0, NLM_F_MULTI | NLM_F_DUMP_INTR, 9);
    const std::vector<Message> messages = parse_messages(bytes.bytes());
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_FALSE(messages[0].interrupted);
    EXPECT_TRUE(messages[1].interrupted);
    EXPECT_TRUE(std::holds_alternative<DumpEnd>(messages[1].body));
}

// For the sanitizers: exact-size copies, every length, every byte changed.
TEST(NetlinkMessage, NoBytesAreReadBeyondTheDatagram) {
    MessageBytes all = neighbor_bytes();
    all.message(RTM_NEWLINK, link_info(AF_UNSPEC, 7, 0))
        .text(IFLA_IFNAME, "eth1")
        .nested(IFLA_LINKINFO, [](MessageBytes& info) {
            info.text(IFLA_INFO_KIND, "vlan").nested(IFLA_INFO_DATA, [](MessageBytes& data) {
                data.number16(IFLA_VLAN_ID, 5);
            });
        });
    all.message(RTM_NEWADDR, address_info(AF_INET, 24)).address(IFA_LOCAL, "10.0.0.1");
    all.message(RTM_NEWROUTE, route_info(AF_INET, 24)).address(RTA_DST, "10.0.0.0");
    all.message(NLMSG_ERROR, nlmsgerr{});
    for (std::size_t length = 0; length <= all.bytes().size(); ++length) {
        const auto part = all.bytes().first(length);
        const std::vector<std::byte> copy(part.begin(), part.end());
        parse_messages(copy);
    }
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> copy(all.bytes().begin(), all.bytes().end());
        for (int change = 0; change < 3; ++change)
            copy[random() % copy.size()] = static_cast<std::byte>(random());
        parse_messages(copy);
    }
}

}  // namespace
}  // namespace vipfwd::net
