// SPDX-License-Identifier: Apache-2.0
#include "control/config/value.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

TEST(Name, IsOneTo63PlainCharacters) {
    EXPECT_EQ(parse_name("web-1.a_B").value(), "web-1.a_B");
    EXPECT_TRUE(parse_name(std::string(63, 'a')).has_value());
    for (const std::string& bad : {std::string(), std::string(64, 'a'), std::string("a b"),
                                   std::string("a/b"), std::string("\xc3\xbc")})
        EXPECT_FALSE(parse_name(bad).has_value()) << bad;
}

TEST(Unicast, IsTheAddressOfOneHost) {
    EXPECT_EQ(to_string(parse_unicast("10.0.0.1").value()), "10.0.0.1");
    EXPECT_EQ(to_string(parse_unicast("fd00::1").value()), "fd00::1");
    EXPECT_EQ(to_string(parse_unicast("240.0.0.1").value()), "240.0.0.1");
    for (const char* bad :
         {"", "10.0.0", "10.0.0.1/24", "fe80::1%eth0", "web1", "0.1.2.3", "127.0.0.1",
          "239.255.255.255", "255.255.255.255", "::", "::1", "ff02::1", "10.0.0.1 "})
        EXPECT_FALSE(parse_unicast(bad).has_value()) << bad;
}

TEST(Unicast, IsNotWrittenIpv4Mapped) {
    const Result<IpAddress> mapped = parse_unicast("::ffff:10.0.0.1");
    ASSERT_FALSE(mapped.has_value());
    EXPECT_NE(mapped.error().message.find("write it as \"10.0.0.1\""), std::string::npos);
}

TEST(InterfaceAddressText, HasAPrefixLength) {
    EXPECT_EQ(parse_interface_address("10.0.0.1/24").value().prefix_length, 24u);
    EXPECT_EQ(parse_interface_address("10.0.0.1/32").value().prefix_length, 32u);
    EXPECT_EQ(parse_interface_address("fd00::1/128").value().prefix_length, 128u);
    for (const char* bad : {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/0", "10.0.0.1/+8",
                            "10.0.0.1/08", "10.0.0.1/24/8", "fd00::1/129", "/24", "x/24"})
        EXPECT_FALSE(parse_interface_address(bad).has_value()) << bad;
}

TEST(TunnelSource, IsAnAddressOrTheNetworkOfAtMost32HashedBits) {
    EXPECT_EQ(parse_tunnel_source("10.99.0.1").value().prefix_length, 32u);
    EXPECT_EQ(parse_tunnel_source("fd00::1").value().prefix_length, 128u);
    EXPECT_EQ(parse_tunnel_source("10.99.0.0/16").value().prefix_length, 16u);
    EXPECT_EQ(to_string(parse_tunnel_source("10.99.0.0/16").value().address), "10.99.0.0");
    EXPECT_EQ(parse_tunnel_source("fd00:1::/96").value().prefix_length, 96u);
    EXPECT_EQ(parse_tunnel_source("fd00:1::7/128").value().prefix_length, 128u);
    for (const char* bad :
         {"", "10.99.0.0/0", "10.99.0.0/33", "fd00:1::/95", "fd00:1::/129", "224.0.0.0/4",
          "0.0.0.0/1", "::/96", "::ffff:10.0.0.0/120", "10.99.0.0/16/8", "uplink"})
        EXPECT_FALSE(parse_tunnel_source(bad).has_value()) << bad;
}

TEST(TunnelSource, HasNoBitsSetAfterItsPrefix) {
    const Result<InterfaceAddress> source = parse_tunnel_source("10.99.1.2/20");
    ASSERT_FALSE(source.has_value());
    EXPECT_NE(source.error().message.find("write \"10.99.0.0/20\", or the address alone"),
              std::string::npos);
    EXPECT_FALSE(parse_tunnel_source("fd00::1:0:1/100").has_value());
    EXPECT_TRUE(parse_tunnel_source("fd00::1000:0/100").has_value());
}

TEST(InterfaceName, IsOneThatTheKernelAccepts) {
    EXPECT_EQ(parse_interface_or_none("uplink0.7_a-b").value(), "uplink0.7_a-b");
    EXPECT_EQ(parse_interface_or_none(std::string(15, 'a')).value(), std::string(15, 'a'));
    EXPECT_EQ(parse_interface_or_none("").value(), "");
    for (const std::string& bad :
         {std::string(16, 'a'), std::string("."), std::string(".."), std::string("a b"),
          std::string("a/b"), std::string("a:b"), std::string("tap%d"), std::string("all"),
          std::string("default"), std::string("a\n")})
        EXPECT_FALSE(parse_interface_or_none(bad).has_value()) << bad;
    EXPECT_FALSE(is_interface_name(""));
}

TEST(PortRangeText, IsTwoPortsInOrderOrAny) {
    const PortRange range = parse_port_range("8000-8099").value();
    EXPECT_EQ(range.first, 8000);
    EXPECT_EQ(range.last, 8099);
    EXPECT_EQ(parse_port_range("1-65535").value().last, 65535);
    EXPECT_EQ(parse_port_range("7-7").value().first, 7);
    EXPECT_EQ(parse_port_range("any").value().first, 0);
    EXPECT_EQ(parse_port_range("any").value().last, 65535);
    for (const char* bad : {"", "80", "-", "80-", "-80", "90-80", "0-80", "80-65536", "80 - 90",
                            "80-90-100", "Any", "0x50-0x60"})
        EXPECT_FALSE(parse_port_range(bad).has_value()) << bad;
}

TEST(Device, FitsTheRegion) {
    EXPECT_TRUE(parse_device(std::string(255, 'a')).has_value());
    EXPECT_FALSE(parse_device(std::string(256, 'a')).has_value());
    EXPECT_FALSE(parse_device("").has_value());
    EXPECT_FALSE(parse_device(std::string_view("a\0b", 3)).has_value());
}

TEST(UrlPath, StartsWithASlashAndHasNoSpaces) {
    EXPECT_EQ(parse_url_path("/healthz?full=1").value(), "/healthz?full=1");
    for (const char* bad : {"", "healthz", "/a b", "/a\r\nHost: x"})
        EXPECT_FALSE(parse_url_path(bad).has_value()) << bad;
}

TEST(DnsName, HasLabelsAndMayEndWithADot) {
    EXPECT_EQ(parse_dns_name("_dns.example.org.").value(), "_dns.example.org");
    EXPECT_EQ(parse_dns_name(".").value(), ".");
    EXPECT_TRUE(parse_dns_name(std::string(63, 'a') + ".org"));
    for (const std::string& text :
         {std::string(), std::string(".."), std::string(".org"), std::string("a..b"),
          std::string("a b"), std::string(64, 'a'), std::string(127, 'a') + "."})
        EXPECT_FALSE(parse_dns_name(text)) << text;
}

TEST(DatabaseUser, HasNoNul) {
    EXPECT_EQ(parse_database_user("vip fwd").value(), "vip fwd");
    EXPECT_FALSE(parse_database_user(""));
    EXPECT_FALSE(parse_database_user(std::string("a\0b", 3)));
    EXPECT_FALSE(parse_database_user(std::string(129, 'a')));
}

}  // namespace
}  // namespace vipfwd::config
