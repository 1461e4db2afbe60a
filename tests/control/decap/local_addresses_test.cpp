// SPDX-License-Identifier: Apache-2.0
#include "control/decap/local_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/abi/address_text.h"
#include "tests/control/net/peer.h"
#include "tests/dataplane/bpf/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::decap {
namespace {

TEST(LocalAddresses, AreOfBothFamiliesAndVipsAreThoseOfLoopback) {
    VIPFWD_REQUIRE_ROOT();
    const test::PrivateNetwork network;
    net::run_ip("link set lo up");
    net::run_ip("address add 10.0.0.100/32 dev lo");
    net::run_ip("address add fd00::100/128 dev lo");
    net::run_ip("link add left type veth peer name right");
    net::run_ip("address add 10.0.0.11/24 dev left");
    net::run_ip("address add fd00::11/64 dev left");
    net::run_ip("address add fe80::11/64 dev left");
    net::run_ip("address add 10.1.0.11/24 dev right");
    Result<std::vector<IpAddress>> addresses = local_addresses();
    ASSERT_TRUE(addresses) << addresses.error().message;
    std::sort(addresses->begin(), addresses->end());
    EXPECT_EQ(*addresses, (std::vector{parse_ip("10.0.0.11").value(), parse_ip("10.1.0.11").value(),
                                       parse_ip("fd00::11").value()}));
    Result<std::vector<IpAddress>> vips = loopback_vips();
    ASSERT_TRUE(vips) << vips.error().message;
    std::sort(vips->begin(), vips->end());
    EXPECT_EQ(*vips, (std::vector{parse_ip("10.0.0.100").value(), parse_ip("fd00::100").value()}));
}

}  // namespace
}  // namespace vipfwd::decap
