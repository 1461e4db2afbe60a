// SPDX-License-Identifier: Apache-2.0
#include "control/table/group_adverts.h"

#include <gtest/gtest.h>

#include <span>

#include "dataplane/abi/internet_checksum.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using sample::ip;

std::span<const std::uint8_t> payload_of(const abi::AdvertEntry& entry) {
    return std::span(entry.frame).first(entry.bytes).subspan(entry.vrrp_offset);
}

// The advert as a receiver decodes it.
vrrp::Advert received(const abi::AdvertEntry& entry, const IpAddress& source,
                      const IpAddress& destination) {
    return std::get<vrrp::Advert>(vrrp::decode(payload_of(entry), source, destination, vrrp::kTtl));
}

TEST(GroupAdverts, GoToTheMulticastGroupOfTheGroupsFamily) {
    const auto group = sample::group("edge", {ip("10.0.0.100"), ip("fd00::100")});
    const auto entries = advert_entries(group, sample::facts(), sample::facts().ports[0]);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].frame[0], 0x01) << "a multicast MAC address";
    EXPECT_EQ(entries[0].frame[5], 18);
    const auto advert = received(entries[0], ip("10.0.0.1"), ip("224.0.0.18"));
    EXPECT_EQ(advert.id, 51);
    EXPECT_EQ(advert.priority, 0) << "the dataplane fills in the priority";
    EXPECT_EQ(advert.addresses, std::vector{ip("10.0.0.100")}) << "VIPs of that family only";
}

TEST(GroupAdverts, OverIpv6ComeFromTheLinkLocalAddress) {
    const auto group = sample::group("edge", {ip("fd00::100"), ip("10.0.0.100")});
    const auto entries = advert_entries(group, sample::facts(), sample::facts().ports[0]);
    ASSERT_EQ(entries.size(), 1u);
    const auto advert = received(entries[0], ip("fe80::1"), ip("ff02::12"));
    EXPECT_EQ(advert.addresses, std::vector{ip("fd00::100")});
}

TEST(GroupAdverts, OverIpv6ToPeersComeFromTheGlobalAddress) {
    auto group = sample::group("edge", {ip("fd00::100")});
    group.peers = {ip("fd00::2")};
    EXPECT_EQ(advert_source(group, sample::facts().ports[0]), ip("fd00::1"));
    group.peers.clear();
    EXPECT_EQ(advert_source(group, sample::facts().ports[0]), ip("fe80::1"));
}

// Without a pseudo-header, the sum over the payload alone is right.
TEST(GroupAdverts, HaveTheirChecksumWithOrWithoutAPseudoHeader) {
    auto group = sample::group("edge", {ip("10.0.0.100")});
    for (const bool with : {true, false}) {
        group.checksum_pseudo_header = with;
        const auto entries = advert_entries(group, sample::facts(), sample::facts().ports[0]);
        ASSERT_EQ(entries.size(), 1u);
        EXPECT_EQ(fold_sum(add_to_sum(payload_of(entries[0]))) == 0xffff, !with);
        EXPECT_EQ(received(entries[0], ip("10.0.0.1"), ip("224.0.0.18")).id, 51);
    }
}

TEST(GroupAdverts, GoToEachPeerWhoseMacIsKnown) {
    auto group = sample::group("edge", {ip("10.0.0.100")});
    group.peers = {ip("10.0.0.2"), ip("10.0.0.3")};
    net::Facts facts = sample::facts();
    auto entries = advert_entries(group, facts, facts.ports[0]);
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[1].frame[5], 3) << "the last byte of the MAC address";
    received(entries[0], ip("10.0.0.1"), ip("10.0.0.2"));
    received(entries[1], ip("10.0.0.1"), ip("10.0.0.3"));
    facts.next_hop = [](const IpAddress& address) -> std::optional<net::NextHop> {
        if (address == ip("10.0.0.2"))
            return std::nullopt;
        return net::NextHop{{{2, 0, 0, 0, 0, 3}}, 0};
    };
    entries = advert_entries(group, facts, facts.ports[0]);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].frame[5], 3);
}

TEST(GroupAdverts, HaveThePortsTags) {
    const auto group = sample::group("edge", {ip("10.0.0.100")});
    net::PortFacts port = sample::facts().ports[0];
    port.vlan = 100;
    port.outer_vlan = 200;
    EXPECT_EQ(advert_entries(group, sample::facts(), port)[0].vrrp_offset, 14 + 8 + 20);
}

TEST(GroupAdverts, OfAGroupWithAKeyHaveRoomForTheTrailer) {
    auto group = sample::group("edge", {ip("10.0.0.100")});
    group.peers = {ip("10.0.0.2")};
    EXPECT_FALSE(advert_settings(group).is_authenticated);
    group.auth_key = abi::HmacKey{{1}};
    EXPECT_TRUE(advert_settings(group).is_authenticated);
}

TEST(GroupAdverts, NeedASourceAddress) {
    net::PortFacts port = sample::facts().ports[0];
    port.own_v4 = {};
    EXPECT_TRUE(
        advert_entries(sample::group("a", {ip("10.0.0.100")}), sample::facts(), port).empty());
}

}  // namespace
}  // namespace vipfwd::table
