// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_texts.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"
#include "tests/control/group/group_scene.h"

namespace vipfwd::group {
namespace {

using vrrp::Discard;

std::string about(Discard why, const vrrp::Advert& heard = advert(200)) {
    return describe_discard(edge(), why, &heard, kLarger);
}

TEST(AdvertTexts, ForeignVipsAreNamed) {
    vrrp::Advert heard = advert(200);
    heard.addresses = {*parse_ip("172.16.9.1"), *parse_ip("172.16.9.2"), *parse_ip("172.16.9.3")};
    EXPECT_EQ(about(Discard::kForeignVips, heard),
              "10.0.1.1 advertises other VIPs with our id 51: 172.16.9.1, 172.16.9.2 and 1 more; "
              "its adverts are ignored; give one of the two virtual routers another id, or "
              "configure the same VIPs on both gateways");
}

TEST(AdvertTexts, MismatchesNameBothValuesAndWhatTheyLeadTo) {
    vrrp::Advert heard = advert(200, 2000);
    heard.version = 2;
    heard.id = 52;
    const auto expect = [&](Discard why, const char* both, const char* remedy) {
        const std::string text = about(why, heard);
        EXPECT_TRUE(text.starts_with("10.0.1.1 advertises")) << text;
        EXPECT_NE(text.find(both), std::string::npos) << text;
        EXPECT_NE(text.find("both gateways may be active"), std::string::npos) << text;
        EXPECT_NE(text.find(remedy), std::string::npos) << text;
    };
    expect(Discard::kVersion, "version 2, and this group has version 3", "the same version");
    expect(Discard::kInterval, "every 2000 ms, and this group every 1280 ms",
           "the same advert_interval_ms");
    expect(Discard::kUnknownId, "with id 52, and this group has id 51", "the same id");
    expect(Discard::kNotPeer, "is not one of its peers", "add it to 'peers'");
}

TEST(AdvertTexts, AnyOtherReasonHasItsDescription) {
    EXPECT_EQ(describe_discard(edge(), Discard::kChecksum, nullptr, kLarger),
              "an advert of 10.0.1.1 with our id 51 does not count: wrong checksum");
    EXPECT_NE(about(Discard::kOwnSource).find("our own address 10.0.1.1"), std::string::npos);
}

TEST(AdvertTexts, OtherVipsAreNamedBySide) {
    const IpAddress a = *parse_ip("10.0.0.1");
    const IpAddress b = *parse_ip("10.0.0.2");
    const IpAddress c = *parse_ip("10.0.0.3");
    EXPECT_EQ(describe_other_vips(kLarger, {a, b}, {b, c}),
              "10.0.1.1 advertises other VIPs: 10.0.0.1 is listed only there, 10.0.0.3 is listed "
              "only here; configure the same VIPs on both gateways");
    EXPECT_EQ(describe_other_vips(kLarger, {a, b, c}, {c}),
              "10.0.1.1 advertises other VIPs: 10.0.0.1, 10.0.0.2 are listed only there; configure "
              "the same VIPs on both gateways");
    EXPECT_EQ(describe_other_vips(kLarger, {a}, {a, b}),
              "10.0.1.1 advertises other VIPs: 10.0.0.2 is listed only here; configure the same "
              "VIPs on both gateways");
}

}  // namespace
}  // namespace vipfwd::group
