// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/outer_headers.h"

#include <gtest/gtest.h>

#include "dataplane/abi/internet_checksum.h"
#include "tests/dataplane/packet/sample.h"

namespace vipfwd::packet {
namespace {

constexpr MacAddress kPeer{{2, 0, 0, 0, 0, 9}};

sample::Bytes link(std::uint16_t vlan, std::uint16_t outer_vlan) {
    PortView port;
    port.mac = sample::kPortMac;
    port.vlan = vlan;
    port.outer_vlan = outer_vlan;
    sample::Bytes head(32);
    const std::uint8_t* const end = write_link(head.data(), kPeer, port, kEtherTypeIpv6);
    head.resize(static_cast<std::size_t>(end - head.data()));
    EXPECT_EQ(head.size(), port.link_bytes());
    return head;
}

TEST(OuterHeaders, TheLinkHeaderGoesFromThePortToTheDestination) {
    const sample::Bytes head = link(0, 0);
    const auto ethernet = load<EthernetHeader>(head, 0);
    EXPECT_EQ(ethernet.destination, kPeer);
    EXPECT_EQ(ethernet.source, sample::kPortMac);
    EXPECT_EQ(ethernet.type.host(), kEtherTypeIpv6);
}

TEST(OuterHeaders, TheLinkHeaderHasThePortsTags) {
    EXPECT_EQ(link(100, 0), sample::tagged(link(0, 0), {{kEtherTypeVlan, 100}}));
    EXPECT_EQ(link(100, 200),
              sample::tagged(link(0, 0), {{kEtherTypeServiceVlan, 200}, {kEtherTypeVlan, 100}}));
}

TEST(OuterHeaders, APreparedIpv4HeaderHasTheSumOfItsOtherFieldsForAChecksum) {
    sample::Bytes bytes(sizeof(Ipv4Header), 0xee);
    prepare_outer_ipv4(bytes.data(), sample::ip("10.0.0.1").v4(), sample::ip("10.0.0.11").v4());
    auto ip = load<Ipv4Header>(bytes, 0);
    EXPECT_EQ(IpAddress::from_v4(ip.source), sample::ip("10.0.0.1"));
    EXPECT_EQ(IpAddress::from_v4(ip.destination), sample::ip("10.0.0.11"));
    EXPECT_EQ(ip.ttl, kOwnTtl);
    EXPECT_EQ(ip.version_ihl, 0);
    EXPECT_EQ(ip.total_length, Be16{});
    ip.checksum.raw = static_cast<std::uint16_t>(~ip.checksum.raw);
    store(bytes.data(), ip);
    EXPECT_EQ(internet_sum(bytes), 0xffff);
}

TEST(OuterHeaders, APreparedIpv6HeaderLacksLengthAndProtocol) {
    sample::Bytes bytes(sizeof(Ipv6Header), 0xee);
    prepare_outer_ipv6(bytes.data(), sample::ip("fd00::1"), sample::ip("fd00::11"));
    const auto ip = load<Ipv6Header>(bytes, 0);
    EXPECT_EQ(ip.version_class_label.host(), 6u << 28);
    EXPECT_EQ(ip.source, sample::ip("fd00::1"));
    EXPECT_EQ(ip.destination, sample::ip("fd00::11"));
    EXPECT_EQ(ip.hop_limit, kOwnTtl);
    EXPECT_EQ(ip.payload_length, Be16{});
    EXPECT_EQ(ip.next_header, 0);
}

}  // namespace
}  // namespace vipfwd::packet
