// SPDX-License-Identifier: Apache-2.0
#include "control/net/interface_identity.h"

#include <gtest/gtest.h>
#include <net/if.h>

namespace vipfwd::net {
namespace {

TEST(InterfaceIdentity, IsThatOfTheKernel) {
    const auto loopback = identify_interface("lo");
    ASSERT_TRUE(loopback);
    EXPECT_EQ(loopback->number, if_nametoindex("lo"));
    EXPECT_EQ(loopback->mac, MacAddress{});
    EXPECT_EQ(loopback->mtu, 65536u);
}

TEST(InterfaceIdentity, OfAnInterfaceThatDoesNotExistIsUnknown) {
    EXPECT_FALSE(identify_interface("none0"));
    EXPECT_FALSE(identify_interface(""));
    EXPECT_FALSE(identify_interface("a-name-that-is-too-long"));
}

}  // namespace
}  // namespace vipfwd::net
