// SPDX-License-Identifier: Apache-2.0
// Against the kernel, in a namespace of the test's own: up0 has 10.0.0.1/24.
#include "control/net/check_route.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "control/net/interface_identity.h"
#include "dataplane/abi/handover.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/net/sample_network.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

using Names = std::vector<std::string>;

const Names kWhole{"program on lo", "IPv4 route", "IPv4 rule", "IPv6 route", "IPv6 rule"};

class CheckRouteTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        run_ip("link set lo up");
        run_ip("link add up0 type veth peer name down0");
        run_ip("addr add 10.0.0.1/24 dev up0");
        run_ip("link set up0 up");
        run_ip("link set down0 up");
    }

    Names ensure() {
        const Result<Names> added = route_.ensure(true, true);
        EXPECT_TRUE(added) << added.error().message;
        return added ? *added : Names();
    }

    // Sends a SYN to a VIP.
    void send_marked(std::uint32_t mark) const {
        const abi::Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        ASSERT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark), 0);
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = inet_addr("10.0.0.1");
        ASSERT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
        sockaddr_in vip{};
        vip.sin_family = AF_INET;
        vip.sin_port = htons(80);
        vip.sin_addr.s_addr = inet_addr("10.0.0.100");
        EXPECT_NE(connect(fd.get(), reinterpret_cast<sockaddr*>(&vip), sizeof vip), 0);
        EXPECT_EQ(errno, EINPROGRESS);
    }

    static check_path path_by_up0() {
        check_path path{};
        path.form = CHECK_IPIP;
        path.interface = identify_interface("up0").value().number;
        path.is_outer_v4 = 1;
        return path;
    }

    std::optional<PrivateNetwork> network_;
    CheckRoute route_;
};

TEST_F(CheckRouteTest, WhatIsMissingIsAddedOnce) {
    EXPECT_EQ(ensure(), kWhole);
    EXPECT_EQ(ensure(), Names());
    EXPECT_TRUE(ip_says("rule show pref 76"));
    run_ip("rule del pref 76");
    run_ip("-6 route flush table 7676");
    EXPECT_EQ(ensure(), (Names{"IPv4 rule", "IPv6 route"}));
}

TEST_F(CheckRouteTest, WhatAFormerProcessHasLeftIsTakenOver) {
    ensure();
    CheckRoute successor;
    const Result<Names> added = successor.ensure(true, true);
    ASSERT_TRUE(added) << added.error().message;
    EXPECT_EQ(*added, Names{"program on lo"}) << "its own one, in the other one's place";
    successor.remove();
    EXPECT_EQ(ensure(), kWhole) << "nothing was left";
}

TEST_F(CheckRouteTest, OnlyPacketsWithAnEntryAreSentOn) {
    ensure();
    CheckMap& map = *route_.map();
    map.set(3, path_by_up0());
    map.set(4, path_by_up0());
    map.clear(4);
    send_marked(CheckMap::mark(3));
    send_marked(CheckMap::mark(4));
    EXPECT_EQ(map.packets(3), 1u);
    EXPECT_EQ(map.packets(4), 0u);
}

// The kernel has the VIP itself: its route to that is before all rules.
TEST_F(CheckRouteTest, AVipOfTheKernelIsReachedThroughTheTunnelToo) {
    run_ip("addr add 10.0.0.100/32 dev up0");
    ensure();
    route_.map()->set(3, path_by_up0());
    send_marked(CheckMap::mark(3));
    EXPECT_EQ(route_.map()->packets(3), 1u);
}

TEST_F(CheckRouteTest, TheQdiscOfSomebodyElseStays) {
    const auto has_qdisc = [] {
        return std::system("tc qdisc show dev lo | grep --quiet clsact") == 0;
    };
    ensure();
    EXPECT_TRUE(has_qdisc());
    route_.remove();
    EXPECT_FALSE(has_qdisc());
    ASSERT_EQ(std::system("tc qdisc add dev lo clsact"), 0);
    ensure();
    route_.remove();
    EXPECT_TRUE(has_qdisc());
}

}  // namespace
}  // namespace vipfwd::net
