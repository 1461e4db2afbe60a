// SPDX-License-Identifier: Apache-2.0
// Against the kernel, in a namespace of the test's own: up0 has 10.0.0.1/24 and fd00::1/64.
#include "control/net/managed_address.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <optional>
#include <set>

#include "control/net/kernel_network.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/net/sample_network.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

const ManagedAddress kVip{"up0", ip("10.0.0.100")};
const ManagedAddress kVip6{"up0", ip("fd00::100")};

class ManagedAddressTest : public testing::Test {
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

    bool has(const ManagedAddress& managed) const {
        return ip_says("addr show dev up0 to " + to_string(managed.address));
    }
    void add(const ManagedAddress& managed) {
        const Result<bool> added = add_managed_address(kernel_, managed);
        ASSERT_TRUE(added) << added.error().message;
        EXPECT_TRUE(*added);
    }

    std::optional<PrivateNetwork> network_;
    NetlinkClient kernel_;
};

TEST_F(ManagedAddressTest, IsAddedAndRemoved) {
    for (const ManagedAddress& managed : {kVip, kVip6}) {
        add(managed);
        EXPECT_TRUE(has(managed));
        ASSERT_TRUE(remove_managed_address(kernel_, managed));
        EXPECT_FALSE(has(managed));
    }
}

TEST_F(ManagedAddressTest, IsNeverASourceAndAddsOnlyItsLocalRoute) {
    add(kVip);
    add(kVip6);
    EXPECT_TRUE(ip_says("-4 addr show dev up0 scope host to 10.0.0.100/32"));
    EXPECT_TRUE(ip_says("-6 addr show dev up0 deprecated to fd00::100/128"));
    EXPECT_FALSE(ip_says("-6 addr show dev up0 tentative to fd00::100"));
    EXPECT_FALSE(ip_says("-6 route show table main fd00::100"));
    EXPECT_TRUE(ip_says("-4 route show table local 10.0.0.100"));
    EXPECT_TRUE(ip_says("-6 route show table local fd00::100"));
}

TEST_F(ManagedAddressTest, IsNotAddedTwice) {
    add(kVip);
    const Result<bool> again = add_managed_address(kernel_, kVip);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_FALSE(*again);
}

TEST_F(ManagedAddressTest, StaysForItsLifetimeOrForever) {
    for (const ManagedAddress& managed : {kVip, kVip6}) {
        const std::string shown = "addr show dev up0 permanent to " + to_string(managed.address);
        add(managed);
        EXPECT_TRUE(ip_says(shown));
        ASSERT_TRUE(set_managed_address_lifetime(kernel_, managed, 60));
        EXPECT_TRUE(has(managed));
        EXPECT_FALSE(ip_says(shown));
        ASSERT_TRUE(set_managed_address_lifetime(kernel_, managed, kForever));
        EXPECT_TRUE(ip_says(shown));
        ASSERT_TRUE(set_managed_address_lifetime(kernel_, managed, 1));
    }
    for (int tries = 0; tries < 200 && (has(kVip) || has(kVip6)); ++tries)
        usleep(50'000);
    EXPECT_FALSE(has(kVip) || has(kVip6)) << "the kernel has removed them";
}

TEST_F(ManagedAddressTest, RemovingKeepsTheSameAddressWithAnotherPrefix) {
    run_ip("addr add 10.0.0.100/24 dev up0");
    ASSERT_TRUE(remove_managed_address(kernel_, kVip));
    EXPECT_TRUE(ip_says("addr show dev up0 to 10.0.0.100"));
}

TEST_F(ManagedAddressTest, RemovingAnAbsentAddressSucceeds) {
    EXPECT_TRUE(remove_managed_address(kernel_, kVip));
    EXPECT_TRUE(remove_managed_address(kernel_, {"nowhere0", kVip.address}));
}

TEST_F(ManagedAddressTest, AnUnknownInterfaceIsAnError) {
    const Result<bool> added = add_managed_address(kernel_, {"nowhere0", kVip.address});
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().message, "there is no interface nowhere0");
}

TEST_F(ManagedAddressTest, TheErrorSaysThatIpv6IsDisabled) {
    run_ip("link add off0 type veth peer name off1");
    {
        std::ofstream sysctl("/proc/sys/net/ipv6/conf/off0/disable_ipv6");
        sysctl << 1;
    }
    const Result<bool> added = add_managed_address(kernel_, {"off0", kVip6.address});
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().message.find("IPv6 is disabled on the interface"), std::string::npos)
        << added.error().message;
}

// With a KernelNetwork that follows the interface.
class FollowedManagedAddress : public ManagedAddressTest {
  protected:
    void SetUp() override {
        ManagedAddressTest::SetUp();
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
    int changes_ = 0;
    KernelNetwork kernel_network_{loop_, [] {}, [this] { ++changes_; }};
};

TEST_F(FollowedManagedAddress, IsRecognisedByItsMarkAndNeverAPortsOwnAddress) {
    for (const ManagedAddress& managed : {kVip, kVip6}) {
        add(managed);
        ASSERT_TRUE(set_managed_address_lifetime(kernel_, managed, 600)) << "the mark stays";
    }
    kernel_network_.configure(config_);
    ASSERT_TRUE(wait_until([&] { return kernel_network_.managed_addresses().has_value(); }));
    const std::vector<ManagedAddress> known = *kernel_network_.managed_addresses();
    EXPECT_EQ(std::set(known.begin(), known.end()), (std::set{kVip, kVip6}));
    // Nor is a VIP that is no longer configured but still on the interface.
    config_.groups.clear();
    kernel_network_.configure(config_);
    const PortFacts facts = kernel_network_.facts().ports.at(0);
    EXPECT_EQ(facts.own_v4, ip("10.0.0.1"));
    EXPECT_EQ(facts.own_v6, ip("fd00::1"));
    EXPECT_EQ(facts.source_v4, ip("10.0.0.1"));
    EXPECT_EQ(facts.source_v6, ip("fd00::1"));
}

TEST_F(FollowedManagedAddress, ItsRemovalByAnotherProgramIsReportedAtOnce) {
    kernel_network_.configure(config_);
    ASSERT_TRUE(wait_until([&] { return kernel_network_.managed_addresses().has_value(); }));
    add(kVip);
    ASSERT_TRUE(wait_until([&] { return kernel_network_.managed_addresses()->size() == 1; }));
    const int before = changes_;
    run_ip("addr flush dev up0");
    ASSERT_TRUE(wait_until([&] { return kernel_network_.managed_addresses()->empty(); }));
    EXPECT_GT(changes_, before);
}

}  // namespace
}  // namespace vipfwd::net
