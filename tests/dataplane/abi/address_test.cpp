// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd {
namespace {

TEST(Address, ReadsAndWritesBothFamilies) {
    for (const char* text :
         {"10.0.0.1", "255.255.255.255", "0.0.0.0", "fd00::1", "::", "2001:db8::ff"}) {
        const auto address = parse_ip(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_string(*address), text);
    }
}

TEST(Address, RejectsTextThatIsNotExactlyOneAddress) {
    for (const char* text :
         {"", "10.0.0", "10.0.0.256", "10.0.0.1/24", "10.0.0.1 ", "fe80::1%eth0", "x"})
        EXPECT_FALSE(parse_ip(text)) << text;
    EXPECT_FALSE(parse_ip(std::string_view("10.0.0.1\0", 9)));
}

TEST(Address, KeepsIpv4ApartFromIpv6) {
    const IpAddress v4 = *parse_ip("10.0.0.1");
    EXPECT_TRUE(v4.is_v4());
    EXPECT_EQ(v4.v4().host(), 0x0a000001u);
    EXPECT_EQ(IpAddress::from_v4(v4.v4()), v4);
    EXPECT_FALSE(parse_ip("fd00::1")->is_v4());
    EXPECT_TRUE(IpAddress{}.is_none());
}

TEST(Address, IsOrderedLikeItsBytes) {
    std::vector<IpAddress> addresses;
    for (const char* text : {"::", "::1", "::1:0:0:0", "10.0.0.1", "10.0.0.2", "10.0.1.0",
                             "255.0.0.0", "0:0:0:1::", "2001:db8::", "2001:db8::1:0:0",
                             "2002:db8::", "fd00::", "fd00::1", "fd00::100"})
        addresses.push_back(*parse_ip(text));
    for (const IpAddress& a : addresses) {
        for (const IpAddress& b : addresses)
            EXPECT_EQ(a <=> b, a.bytes <=> b.bytes) << to_string(a) << ' ' << to_string(b);
    }
}

TEST(MacAddress, ReadsAndWrites) {
    const auto mac = parse_mac("02:00:00:aB:cd:01");
    ASSERT_TRUE(mac);
    EXPECT_EQ(to_string(*mac), "02:00:00:ab:cd:01");
    for (const char* text :
         {"", "02:00:00:ab:cd", "02-00-00-ab-cd-01", "02:00:00:ab:cd:0g", "02:00:00:ab:cd:011"})
        EXPECT_FALSE(parse_mac(text)) << text;
}

}  // namespace
}  // namespace vipfwd
