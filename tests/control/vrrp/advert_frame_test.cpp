// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/advert_frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/internet_checksum.h"

namespace vipfwd::vrrp {
namespace {

IpAddress ip(const char* text) {
    return *parse_ip(text);
}

const IpAddress kSender4 = ip("10.0.0.1");
const IpAddress kSender6 = ip("fe80::1");

class AdvertFrame : public testing::Test {
  protected:
    AdvertSettings settings_v4() const {
        return {.id = 51, .interval_ms = 1000, .is_v4 = true, .vips = vips_};
    }
    AdvertSettings settings_v6() const {
        return {.id = 51, .interval_ms = 1000, .is_v4 = false, .vips = vips_};
    }
    // An advert of priority 0 to the multicast group.
    static abi::AdvertEntry frame(const AdvertSettings& settings, FrameLink link = {}) {
        const IpAddress& source = settings.is_v4 ? kSender4 : kSender6;
        const IpAddress destination = multicast_group(settings.is_v4);
        link.destination = multicast_mac(destination).value();
        return make_frame(
            link, source, destination,
            make_payload(settings, make_advert(settings, 0, 1500), source, destination));
    }
    static Advert received(const abi::AdvertEntry& entry, const AdvertSettings& settings) {
        const auto payload = std::span(entry.frame).first(entry.bytes).subspan(entry.vrrp_offset);
        return std::get<Advert>(decode(payload, settings.is_v4 ? kSender4 : kSender6,
                                       multicast_group(settings.is_v4), kTtl));
    }

    std::vector<IpAddress> vips_ = {ip("10.0.0.100"), ip("fd00::100")};
};

TEST_F(AdvertFrame, OverIpv4IsAWholeFrame) {
    const abi::AdvertEntry entry = frame(settings_v4());
    const std::vector<std::uint8_t> headers = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0,    0,    0,
                                               0,    0,    0,    0x08, 0x00, 0x45, 0xc0, 0x00, 0x20,
                                               0x00, 0x00, 0x40, 0x00, 0xff, 0x70, 0x90, 0x9a, 10,
                                               0,    0,    1,    224,  0,    0,    18};
    ASSERT_EQ(entry.vrrp_offset, headers.size());
    EXPECT_TRUE(std::equal(headers.begin(), headers.end(), entry.frame));
    EXPECT_EQ(received(entry, settings_v4()).addresses, std::vector{ip("10.0.0.100")});
}

TEST_F(AdvertFrame, OverIpv6HasHopLimitAndProtocol) {
    const abi::AdvertEntry entry = frame(settings_v6());
    EXPECT_EQ(entry.frame[0], 0x33);
    EXPECT_EQ(entry.frame[5], 0x12);
    EXPECT_EQ(entry.frame[14 + 6], 112);
    EXPECT_EQ(entry.frame[14 + 7], 255);
    EXPECT_EQ(received(entry, settings_v6()).addresses, std::vector{ip("fd00::100")});
}

TEST_F(AdvertFrame, HasTheTagsOfTheLink) {
    const abi::AdvertEntry entry =
        frame(settings_v4(), {.destination = {}, .vlan = 100, .outer_vlan = 200});
    EXPECT_EQ(entry.vrrp_offset, 14 + 8 + 20);
    const std::vector<std::uint8_t> tags = {0x88, 0xa8, 0, 200, 0x81, 0, 0, 100, 0x08, 0};
    EXPECT_TRUE(std::equal(tags.begin(), tags.end(), entry.frame + 12));
}

TEST_F(AdvertFrame, ListsAsManyVipsAsFit) {
    vips_.clear();
    for (std::uint32_t i = 0; i < 1000; ++i) {
        vips_.push_back(IpAddress::from_v4(Be32::from_host(0x0a010000 + i)));
        IpAddress v6 = ip("fd00::1:0");
        v6.bytes[15] = static_cast<std::uint8_t>(i);
        v6.bytes[14] = static_cast<std::uint8_t>(i >> 8);
        vips_.push_back(v6);
    }
    EXPECT_EQ(received(frame(settings_v4()), settings_v4()).addresses.size(), kMaxAddresses);
    EXPECT_EQ(received(frame(settings_v6()), settings_v6()).addresses.size(), 90u);
    EXPECT_LE(frame(settings_v6()).bytes, 1514u);
}

TEST_F(AdvertFrame, ListsFewerVipsWhereATrailerFollows) {
    vips_.assign(1000, ip("fd00::1"));
    AdvertSettings settings = settings_v6();
    settings.is_authenticated = true;
    EXPECT_EQ(make_advert(settings, 100, 1500).addresses.size(), 88u);
    EXPECT_LE(frame(settings).bytes, 1514u);
}

TEST_F(AdvertFrame, HasRoomForTheTrailerBehindTheAdvert) {
    for (AdvertSettings settings : {settings_v4(), settings_v6()}) {
        const abi::AdvertEntry without = frame(settings);
        settings.is_authenticated = true;
        abi::AdvertEntry with = frame(settings);
        ASSERT_EQ(with.bytes, without.bytes + abi::kAuthTrailerBytes);
        const auto payload = std::span(with.frame).first(with.bytes).subspan(with.vrrp_offset);
        EXPECT_TRUE(abi::AdvertSigner().sign(payload, settings.is_v4 ? kSender4 : kSender6,
                                             multicast_group(settings.is_v4), abi::HmacKey{{1}},
                                             1));
        EXPECT_EQ(received(with, settings), received(without, settings));
        const std::size_t length = settings.is_v4 ? 14 + 2 : 14 + 4;
        EXPECT_EQ(with.frame[length] << 8 | with.frame[length + 1],
                  settings.is_v4 ? with.bytes - 14 : with.bytes - 14 - 40);
        if (settings.is_v4) {
            EXPECT_EQ(internet_sum(std::span(with.frame).subspan(14, 20)), 0xffff);
        }
    }
}

TEST_F(AdvertFrame, OnlyMulticastAddressesHaveAMacOfTheirOwn) {
    EXPECT_EQ(multicast_mac(ip("224.128.0.18")), (MacAddress{{0x01, 0, 0x5e, 0, 0, 18}}));
    EXPECT_EQ(multicast_mac(ip("ff02::12")), (MacAddress{{0x33, 0x33, 0, 0, 0, 0x12}}));
    EXPECT_FALSE(multicast_mac(ip("10.0.0.2")));
    EXPECT_FALSE(multicast_mac(ip("fd00::2")));
}

}  // namespace
}  // namespace vipfwd::vrrp
