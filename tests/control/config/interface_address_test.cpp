// SPDX-License-Identifier: Apache-2.0
#include "control/config/interface_address.h"

#include <gtest/gtest.h>

#include "control/config/value.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::config {
namespace {

bool contains(const char* network, const char* address) {
    return parse_interface_address(network).value().contains(parse_ip(address).value());
}

std::string broadcast(const char* network) {
    return to_string(parse_interface_address(network).value().broadcast());
}

TEST(InterfaceAddress, ContainsItsNetwork) {
    EXPECT_TRUE(contains("10.0.0.1/24", "10.0.0.1"));
    EXPECT_TRUE(contains("10.0.0.1/24", "10.0.0.255"));
    EXPECT_FALSE(contains("10.0.0.1/24", "10.0.1.0"));
    EXPECT_TRUE(contains("fd00::1/64", "fd00::ffff:1"));
    EXPECT_FALSE(contains("fd00::1/64", "fd00:0:0:1::1"));
}

TEST(InterfaceAddress, MayHaveAPrefixThatEndsInsideAByte) {
    EXPECT_TRUE(contains("10.0.0.1/30", "10.0.0.3"));
    EXPECT_FALSE(contains("10.0.0.1/30", "10.0.0.4"));
    EXPECT_TRUE(contains("10.64.0.1/10", "10.127.255.255"));
    EXPECT_FALSE(contains("10.64.0.1/10", "10.128.0.0"));
    EXPECT_TRUE(contains("fd00::1/127", "fd00::"));
    EXPECT_FALSE(contains("fd00::1/127", "fd00::2"));
}

TEST(InterfaceAddress, OfFullLengthContainsOnlyItself) {
    EXPECT_TRUE(contains("10.0.0.1/32", "10.0.0.1"));
    EXPECT_FALSE(contains("10.0.0.1/32", "10.0.0.0"));
    EXPECT_TRUE(contains("fd00::1/128", "fd00::1"));
    EXPECT_FALSE(contains("fd00::1/128", "fd00::"));
}

TEST(InterfaceAddress, ContainsNothingOfTheOtherFamily) {
    EXPECT_FALSE(contains("fd00::1/1", "10.0.0.1"));
    EXPECT_FALSE(contains("1.0.0.1/1", "fd00::1"));
}

TEST(InterfaceAddress, HasABroadcastAddressIfItIsIpv4WithRoomForOne) {
    EXPECT_EQ(broadcast("10.0.0.1/24"), "10.0.0.255");
    EXPECT_EQ(broadcast("10.64.0.1/10"), "10.127.255.255");
    EXPECT_EQ(broadcast("10.0.0.1/30"), "10.0.0.3");
    EXPECT_EQ(broadcast("10.0.0.1/31"), "::");
    EXPECT_EQ(broadcast("fd00::1/64"), "::");
}

TEST(InterfaceAddress, KnowsTheFirstAddressOfItsNetwork) {
    const auto first = [](const char* network) {
        return to_string(parse_interface_address(network).value().first());
    };
    EXPECT_EQ(first("10.0.0.7/24"), "10.0.0.0");
    EXPECT_EQ(first("10.127.3.4/10"), "10.64.0.0");
    EXPECT_EQ(first("10.0.0.7/32"), "10.0.0.7");
    EXPECT_EQ(first("fd00::1:2/64"), "fd00::");
    EXPECT_EQ(first("fd00::ff/121"), "fd00::80");
}

TEST(InterfaceAddress, HasANetworkAddressIfThereIsRoomForOne) {
    const auto network = [](const char* text) {
        return to_string(parse_interface_address(text).value().network());
    };
    EXPECT_EQ(network("10.0.0.7/24"), "10.0.0.0");
    EXPECT_EQ(network("10.0.0.7/30"), "10.0.0.4");
    EXPECT_EQ(network("10.0.0.7/31"), "::");
    EXPECT_EQ(network("10.0.0.7/32"), "::");
    EXPECT_EQ(network("fd00::7/126"), "fd00::4");
    EXPECT_EQ(network("fd00::7/127"), "::");
    EXPECT_EQ(network("fd00::7/128"), "::");
}

}  // namespace
}  // namespace vipfwd::config
