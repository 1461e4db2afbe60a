// SPDX-License-Identifier: Apache-2.0
#include "control/table/adverts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/internet_checksum.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using sample::ip;

std::vector<std::uint8_t> bytes_of(const abi::AdvertEntry& advert) {
    return {advert.frame, advert.frame + advert.bytes};
}

// What a receiver makes of the frame.
vrrp::Advert received(const abi::AdvertEntry& advert, const IpAddress& source,
                      const IpAddress& destination) {
    const auto payload = std::span(advert.frame).first(advert.bytes).subspan(advert.vrrp_offset);
    const auto decoded = vrrp::decode(payload, source, destination, 255);
    return std::get<vrrp::Advert>(decoded);
}

TEST(Adverts, GoToTheMulticastGroupAsAWholeFrame) {
    const auto group = sample::group("edge", {ip("10.0.0.100"), ip("fd00::100")});
    const auto adverts = make_adverts(group, sample::facts(), sample::facts().ports[0]);
    ASSERT_EQ(adverts.size(), 1u);
    const std::vector<std::uint8_t> in_front = {
        0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0,    0,    0,    0,    0,    0,
        0x08, 0x00, 0x45, 0xc0, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0xff, 0x70,
        0x90, 0x9a, 10,   0,    0,    1,    224,  0,    0,    18};
    const auto frame = bytes_of(adverts[0]);
    EXPECT_TRUE(std::equal(in_front.begin(), in_front.end(), frame.begin()))
        << ::testing::PrintToString(frame);
    EXPECT_EQ(adverts[0].vrrp_offset, in_front.size());
    const auto advert = received(adverts[0], ip("10.0.0.1"), ip("224.0.0.18"));
    EXPECT_EQ(advert.id, 51);
    EXPECT_EQ(advert.priority, 0) << "the dataplane writes it";
    EXPECT_EQ(advert.addresses, std::vector{ip("10.0.0.100")}) << "of its family only";
}

// Without a pseudo-header, the sum over the payload alone is right.
TEST(Adverts, HaveTheirChecksumWithOrWithoutAPseudoHeader) {
    auto group = sample::group("edge", {ip("10.0.0.100")});
    for (const bool with : {true, false}) {
        group.checksum_pseudo_header = with;
        const auto adverts = make_adverts(group, sample::facts(), sample::facts().ports[0]);
        ASSERT_EQ(adverts.size(), 1u);
        const auto payload =
            std::span(adverts[0].frame).first(adverts[0].bytes).subspan(adverts[0].vrrp_offset);
        EXPECT_EQ(fold_sum(add_to_sum(payload)) == 0xffff, !with);
        EXPECT_EQ(received(adverts[0], ip("10.0.0.1"), ip("224.0.0.18")).id, 51);
    }
}

TEST(Adverts, OverIpv6ComeFromTheLinkLocalAddress) {
    const auto group = sample::group("edge", {ip("fd00::100"), ip("10.0.0.100")});
    const auto adverts = make_adverts(group, sample::facts(), sample::facts().ports[0]);
    ASSERT_EQ(adverts.size(), 1u);
    const auto frame = bytes_of(adverts[0]);
    EXPECT_EQ(frame[0], 0x33);
    EXPECT_EQ(frame[5], 0x12);
    EXPECT_EQ(frame[14 + 6], 112);
    EXPECT_EQ(frame[14 + 7], 255);
    const auto advert = received(adverts[0], ip("fe80::1"), ip("ff02::12"));
    EXPECT_EQ(advert.addresses, std::vector{ip("fd00::100")});
}

TEST(Adverts, GoToEachPeerWhoseMacIsKnown) {
    auto group = sample::group("edge", {ip("10.0.0.100")});
    group.peers = {ip("10.0.0.2"), ip("10.0.0.3")};
    Facts facts = sample::facts();
    auto adverts = make_adverts(group, facts, facts.ports[0]);
    ASSERT_EQ(adverts.size(), 2u);
    EXPECT_EQ(adverts[1].frame[5], 3) << "of the MAC address";
    received(adverts[0], ip("10.0.0.1"), ip("10.0.0.2"));
    received(adverts[1], ip("10.0.0.1"), ip("10.0.0.3"));
    facts.next_hop = [](const IpAddress& address) -> std::optional<NextHop> {
        if (address == ip("10.0.0.2"))
            return std::nullopt;
        return NextHop{{{2, 0, 0, 0, 0, 3}}, 0};
    };
    adverts = make_adverts(group, facts, facts.ports[0]);
    ASSERT_EQ(adverts.size(), 1u);
    EXPECT_EQ(adverts[0].frame[5], 3);
}

TEST(Adverts, HaveThePortsTags) {
    const auto group = sample::group("edge", {ip("10.0.0.100")});
    PortFacts port = sample::facts().ports[0];
    port.vlan = 100;
    port.outer_vlan = 200;
    const auto adverts = make_adverts(group, sample::facts(), port);
    EXPECT_EQ(adverts[0].vrrp_offset, 14 + 8 + 20);
    const std::vector<std::uint8_t> tags = {0x88, 0xa8, 0, 200, 0x81, 0, 0, 100, 0x08, 0};
    EXPECT_TRUE(std::equal(tags.begin(), tags.end(), adverts[0].frame + 12));
}

TEST(Adverts, ListAsManyVipsAsFit) {
    std::vector<IpAddress> v4;
    std::vector<IpAddress> v6;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        v4.push_back(IpAddress::from_v4(Be32::from_host(0x0a010000 + i)));
        v6.push_back(ip("fd00::1:0"));
        v6.back().bytes[15] = static_cast<std::uint8_t>(i);
        v6.back().bytes[14] = static_cast<std::uint8_t>(i >> 8);
    }
    const Facts facts = sample::facts();
    const auto over_v4 = make_adverts(sample::group("a", v4), facts, facts.ports[0]);
    EXPECT_EQ(received(over_v4[0], ip("10.0.0.1"), ip("224.0.0.18")).addresses.size(), 255u);
    const auto over_v6 = make_adverts(sample::group("a", v6), facts, facts.ports[0]);
    EXPECT_EQ(received(over_v6[0], ip("fe80::1"), ip("ff02::12")).addresses.size(), 90u);
    EXPECT_LE(over_v6[0].bytes, 1514u);
}

TEST(Adverts, OfAGroupWithAKeyHaveRoomForTheTrailer) {
    const Facts facts = sample::facts();
    for (const bool v4 : {true, false}) {
        auto group = sample::group("edge", {v4 ? ip("10.0.0.100") : ip("fd00::100")});
        group.peers = {v4 ? ip("10.0.0.2") : ip("fd00::2")};
        const auto without = make_adverts(group, facts, facts.ports[0])[0];
        group.auth_key = abi::HmacKey{{1}};
        auto with = make_adverts(group, facts, facts.ports[0])[0];
        ASSERT_EQ(with.bytes, without.bytes + abi::kAuthTrailerBytes);
        const auto payload = std::span(with.frame).first(with.bytes).subspan(with.vrrp_offset);
        const IpAddress source = v4 ? ip("10.0.0.1") : ip("fd00::1");
        EXPECT_TRUE(abi::AdvertSigner().sign(payload, source, group.peers[0], *group.auth_key, 1));
        EXPECT_EQ(received(with, source, group.peers[0]).addresses, group.vips);
        const std::size_t length = v4 ? 14 + 2 : 14 + 4;
        EXPECT_EQ(with.frame[length] << 8 | with.frame[length + 1],
                  v4 ? with.bytes - 14 : with.bytes - 14 - 40);
        if (v4) {
            EXPECT_EQ(internet_sum(std::span(with.frame).subspan(14, 20)), 0xffff);
        }
    }
}

TEST(Adverts, ListFewerVipsWhereATrailerFollows) {
    std::vector<IpAddress> vips(1000, ip("fd00::1"));
    auto group = sample::group("edge", vips);
    group.peers = {ip("fd00::2")};
    group.auth_key = abi::HmacKey{{1}};
    const Facts facts = sample::facts();
    EXPECT_EQ(make_advert(group, 100, 1500).addresses.size(), 88u);
    EXPECT_LE(make_adverts(group, facts, facts.ports[0])[0].bytes, 1514u);
}

TEST(Adverts, NeedAnAddressToComeFrom) {
    PortFacts port = sample::facts().ports[0];
    port.own_v4 = {};
    EXPECT_TRUE(
        make_adverts(sample::group("a", {ip("10.0.0.100")}), sample::facts(), port).empty());
}

}  // namespace
}  // namespace vipfwd::table
