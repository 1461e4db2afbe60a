// SPDX-License-Identifier: Apache-2.0
// Against the kernel, in a namespace of the test's own: up0 has 10.0.0.1/24 and fd00::1/64.
#include "control/net/own_address.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <optional>
#include <set>

#include "control/net/next_hops.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/net/sample_network.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

const OwnAddress kVip{"up0", ip("10.0.0.100")};
const OwnAddress kVip6{"up0", ip("fd00::100")};

class OwnAddressTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        run_ip("link set lo up");
        run_ip("link add up0 type veth peer name down0");
        run_ip("addr add 10.0.0.1/24 dev up0");
        run_ip("addr add fd00::1/64 dev up0 nodad");
        run_ip("link set up0 up");
        run_ip("link set down0 up");
    }

    bool has(const OwnAddress& own) const {
        return ip_says("addr show dev up0 to " + to_string(own.address));
    }
    void add(const OwnAddress& own) {
        const Result<bool> added = add_own_address(kernel_, own);
        ASSERT_TRUE(added) << added.error().message;
        EXPECT_TRUE(*added);
    }

    std::optional<PrivateNetwork> network_;
    Questions kernel_;
};

TEST_F(OwnAddressTest, IsAddedAndRemoved) {
    for (const OwnAddress& own : {kVip, kVip6}) {
        add(own);
        EXPECT_TRUE(has(own));
        ASSERT_TRUE(remove_own_address(kernel_, own));
        EXPECT_FALSE(has(own));
    }
}

TEST_F(OwnAddressTest, IsNoSourceAndHasNoRouteButItsOwn) {
    add(kVip);
    add(kVip6);
    EXPECT_TRUE(ip_says("-4 addr show dev up0 scope host to 10.0.0.100/32"));
    EXPECT_TRUE(ip_says("-6 addr show dev up0 deprecated to fd00::100/128"));
    EXPECT_FALSE(ip_says("-6 addr show dev up0 tentative to fd00::100"));
    EXPECT_FALSE(ip_says("-6 route show table main fd00::100"));
    EXPECT_TRUE(ip_says("-4 route show table local 10.0.0.100"));
    EXPECT_TRUE(ip_says("-6 route show table local fd00::100"));
}

TEST_F(OwnAddressTest, IsNotAddedTwice) {
    add(kVip);
    const Result<bool> again = add_own_address(kernel_, kVip);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_FALSE(*again);
}

TEST_F(OwnAddressTest, StaysForAWhileOrForGood) {
    for (const OwnAddress& own : {kVip, kVip6}) {
        const std::string shown = "addr show dev up0 permanent to " + to_string(own.address);
        add(own);
        EXPECT_TRUE(ip_says(shown));
        ASSERT_TRUE(keep_own_address(kernel_, own, 60));
        EXPECT_TRUE(has(own));
        EXPECT_FALSE(ip_says(shown));
        ASSERT_TRUE(keep_own_address(kernel_, own, kForGood));
        EXPECT_TRUE(ip_says(shown));
        ASSERT_TRUE(keep_own_address(kernel_, own, 1));
    }
    for (int tries = 0; tries < 200 && (has(kVip) || has(kVip6)); ++tries)
        usleep(50'000);
    EXPECT_FALSE(has(kVip) || has(kVip6)) << "the kernel has taken them away";
}

TEST_F(OwnAddressTest, RemovingLeavesTheSameAddressOfAnotherPrefixAlone) {
    run_ip("addr add 10.0.0.100/24 dev up0");
    ASSERT_TRUE(remove_own_address(kernel_, kVip));
    EXPECT_TRUE(ip_says("addr show dev up0 to 10.0.0.100"));
}

TEST_F(OwnAddressTest, RemovingWhatIsNotThereIsNoError) {
    EXPECT_TRUE(remove_own_address(kernel_, kVip));
    EXPECT_TRUE(remove_own_address(kernel_, {"nowhere0", kVip.address}));
}

TEST_F(OwnAddressTest, AnUnknownInterfaceIsAnError) {
    const Result<bool> added = add_own_address(kernel_, {"nowhere0", kVip.address});
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().message, "there is no interface nowhere0");
}

TEST_F(OwnAddressTest, SaysThatIpv6IsOff) {
    run_ip("link add off0 type veth peer name off1");
    {
        std::ofstream sysctl("/proc/sys/net/ipv6/conf/off0/disable_ipv6");
        sysctl << 1;
    }
    const Result<bool> added = add_own_address(kernel_, {"off0", kVip6.address});
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().message.find("IPv6 is off there"), std::string::npos)
        << added.error().message;
}

// What is known of the interfaces follows.
class FollowedOwnAddress : public OwnAddressTest {
  protected:
    void SetUp() override {
        OwnAddressTest::SetUp();
        if (IsSkipped())
            return;
        config_.ports = {port("uplink", "up0")};
        config_.groups.emplace_back().vips = {kVip.address, kVip6.address};
    }

    bool wait_until(const std::function<bool()>& condition) {
        bool late = false;
        Timer deadline(loop_, [&] {
            late = true;
            loop_.stop();
        });
        Timer look(loop_, [&] {
            if (condition())
                loop_.stop();
        });
        deadline.fire_after(20'000);
        look.fire_every(5);
        loop_.run();
        return !late;
    }

    Loop loop_;
    config::Config config_;
    int told_ = 0;
    NextHops hops_{loop_, [] {}, [this] { ++told_; }};
};

TEST_F(FollowedOwnAddress, IsKnownByItsMarkAndNeverAPortsAddress) {
    for (const OwnAddress& own : {kVip, kVip6}) {
        add(own);
        ASSERT_TRUE(keep_own_address(kernel_, own, 600)) << "which does not take the mark away";
    }
    hops_.configure(config_);
    ASSERT_TRUE(wait_until([&] { return hops_.own_addresses().has_value(); }));
    const std::vector<OwnAddress> known = *hops_.own_addresses();
    EXPECT_EQ(std::set(known.begin(), known.end()), (std::set{kVip, kVip6}));
    // A VIP that is configured no more, but still there, neither.
    config_.groups.clear();
    hops_.configure(config_);
    const table::PortFacts facts = hops_.facts().ports.at(0);
    EXPECT_EQ(facts.own_v4, ip("10.0.0.1"));
    EXPECT_EQ(facts.own_v6, ip("fd00::1"));
    EXPECT_EQ(facts.source_v4, ip("10.0.0.1"));
    EXPECT_EQ(facts.source_v6, ip("fd00::1"));
}

TEST_F(FollowedOwnAddress, IsMissedAtOnceWhenSomebodyRemovesIt) {
    hops_.configure(config_);
    ASSERT_TRUE(wait_until([&] { return hops_.own_addresses().has_value(); }));
    add(kVip);
    ASSERT_TRUE(wait_until([&] { return hops_.own_addresses()->size() == 1; }));
    const int before = told_;
    run_ip("addr flush dev up0");
    ASSERT_TRUE(wait_until([&] { return hops_.own_addresses()->empty(); }));
    EXPECT_GT(told_, before);
}

}  // namespace
}  // namespace vipfwd::net
