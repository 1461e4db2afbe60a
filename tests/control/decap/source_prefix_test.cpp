// SPDX-License-Identifier: Apache-2.0
#include "control/decap/source_prefix.h"

#include <gtest/gtest.h>

#include <string>

#include "dataplane/abi/address_text.h"

namespace vipfwd::decap {
namespace {

// What is understood, written again; empty if nothing.
std::string again(std::string_view text) {
    const std::optional<SourcePrefix> prefix = parse_source_prefix(text);
    return prefix ? to_string(*prefix) : "";
}

TEST(SourcePrefix, IsAnAddressAndALength) {
    const auto prefix = parse_source_prefix("10.0.0.0/8");
    ASSERT_TRUE(prefix.has_value());
    EXPECT_EQ(prefix->network, parse_ip("10.0.0.0").value());
    EXPECT_EQ(prefix->length, 8u);
}

TEST(SourcePrefix, OfAnAddressIsThatAddress) {
    EXPECT_EQ(parse_source_prefix("10.0.0.1").value().length, 32u);
    EXPECT_EQ(parse_source_prefix("fd00::1").value().length, 128u);
}

TEST(SourcePrefix, IsWrittenAsItIsRead) {
    for (const char* text : {"10.0.0.1", "10.0.0.0/24", "0.0.0.0/0", "128.0.0.0/1", "fd00::1",
                             "fd00::/64", "::/0", "fe00::/7"})
        EXPECT_EQ(again(text), text);
}

TEST(SourcePrefix, OfFullLengthIsWrittenAsAnAddress) {
    EXPECT_EQ(again("10.0.0.1/32"), "10.0.0.1");
    EXPECT_EQ(again("fd00::1/128"), "fd00::1");
}

TEST(SourcePrefix, ClearsTheBitsAfterItsLength) {
    EXPECT_EQ(again("10.0.0.255/25"), "10.0.0.128/25");
    EXPECT_EQ(again("10.1.2.3/0"), "0.0.0.0/0");
    EXPECT_EQ(again("fd00::ffff:1/127"), "fd00::ffff:0/127");
    EXPECT_EQ(again("ffff::1/3"), "e000::/3");
}

TEST(SourcePrefix, DistinguishesTheFamilies) {
    EXPECT_NE(parse_source_prefix("0.0.0.0/0").value(), parse_source_prefix("::/0").value());
}

TEST(SourcePrefix, RejectsAnyOtherText) {
    for (const char* text :
         {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
          "10.0.0.0/8/8", "10.0.0.0/4294967304", "10.0.0/8", "fd00::/129", "fd00::/0x10", "gateway",
          "::ffff:10.0.0.1/96"})
        EXPECT_FALSE(parse_source_prefix(text).has_value()) << text;
}

}  // namespace
}  // namespace vipfwd::decap
