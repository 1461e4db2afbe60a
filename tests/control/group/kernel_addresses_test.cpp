// SPDX-License-Identifier: Apache-2.0
#include "control/group/kernel_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

using net::ManagedAddress;

const IpAddress kVip = parse_ip("10.0.0.100").value();
const IpAddress kVip6 = parse_ip("fd00::100").value();
const ManagedAddress kOnUp{"up0", kVip};
const ManagedAddress kOnUp6{"up0", kVip6};

// A kernel that reports its addresses at once.
class KernelAddressesTest : public testing::Test {
  protected:
    std::optional<std::int64_t> sync() {
        return addresses.sync(groups, std::vector(has.begin(), has.end()));
    }
    KernelAddressStatus edge() const { return addresses.status_of("edge"); }

    std::set<ManagedAddress> has;
    std::map<ManagedAddress, std::uint32_t> kept;  // for how many seconds
    std::string failure;                           // of every operation; empty: none
    int acts = 0;
    LocalVips group{.group = "edge", .interface = "up0", .vips = {kVip, kVip6}, .owned = true};
    std::vector<LocalVips> groups{group};
    KernelAddresses addresses{{.add = [this](const ManagedAddress& managed) -> Result<bool> {
                                   ++acts;
                                   if (!failure.empty())
                                       return Error{failure};
                                   return has.insert(managed).second;
                               },
                               .remove = [this](const ManagedAddress& managed) -> Result<void> {
                                   ++acts;
                                   if (!failure.empty())
                                       return Error{failure};
                                   has.erase(managed);
                                   return {};
                               },
                               .set_lifetime = [this](const ManagedAddress& managed,
                                                      std::uint32_t valid_s) -> Result<void> {
                                   ++acts;
                                   if (!failure.empty())
                                       return Error{failure};
                                   kept[managed] = valid_s;
                                   return {};
                               }}};
};

TEST_F(KernelAddressesTest, OwnedVipsAreAdded) {
    EXPECT_EQ(sync(), std::nullopt);
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6}));
    EXPECT_EQ(edge().present, 2u);
    EXPECT_EQ(edge().repairs, 0u);
    sync();
    EXPECT_EQ(acts, 2) << "each address is added once";
}

TEST_F(KernelAddressesTest, VipsThatAreNotOwnedAnyMoreAreRemoved) {
    sync();
    groups[0].owned = false;
    sync();
    EXPECT_TRUE(has.empty());
    EXPECT_EQ(edge().present, 0u);
}

TEST_F(KernelAddressesTest, VipsThatAreNotConfiguredAnyMoreAreRemoved) {
    sync();
    groups[0].vips = {kVip6};
    sync();
    EXPECT_EQ(has, std::set{kOnUp6});
    groups.clear();
    sync();
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, AddressesMoveWithTheirPort) {
    sync();
    groups[0].interface = "down0";
    sync();
    EXPECT_EQ(has, (std::set<ManagedAddress>{{"down0", kVip}, {"down0", kVip6}}));
}

TEST_F(KernelAddressesTest, AVipThatSomebodyRemovedIsAddedAgainAndCounted) {
    sync();
    has.erase(kOnUp);
    sync();
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6}));
    EXPECT_EQ(edge().repairs, 1u);
    has.clear();
    sync();
    EXPECT_EQ(edge().repairs, 3u);
    EXPECT_EQ(edge().present, 2u);
}

TEST_F(KernelAddressesTest, NothingIsDoneWhileTheKernelsAddressesAreUnknown) {
    EXPECT_EQ(addresses.sync(groups, std::nullopt), std::nullopt);
    EXPECT_EQ(acts, 0);
}

TEST_F(KernelAddressesTest, AVipThatSomebodyElseAddedIsCountedAndStays) {
    has = {kOnUp};
    addresses.sync(groups, std::vector<ManagedAddress>{});
    EXPECT_EQ(edge().present, 2u);
    groups[0].owned = false;
    addresses.sync(groups, std::vector{kOnUp6});
    EXPECT_EQ(has, std::set{kOnUp});
}

TEST_F(KernelAddressesTest, AnAddressThatTheKernelHasNotReportedYetIsNoRepair) {
    sync();
    EXPECT_EQ(addresses.sync(groups, std::vector<ManagedAddress>{}), std::nullopt);
    EXPECT_EQ(edge().repairs, 0u);
    EXPECT_EQ(edge().present, 2u);
}

TEST_F(KernelAddressesTest, LeftoversOfAFormerControlAreRemoved) {
    has = {{"up0", parse_ip("10.0.0.99").value()}, kOnUp};
    groups[0].owned = false;
    sync();
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, VipsThatMayStillBeAdoptedStay) {
    has = {kOnUp, kOnUp6};
    groups[0].owned = std::nullopt;
    sync();
    EXPECT_EQ(acts, 0);
    groups[0].owned = true;
    sync();
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6}));
    EXPECT_EQ(edge().present, 2u);
    EXPECT_EQ(edge().repairs, 0u);
}

TEST_F(KernelAddressesTest, VipsThatMayStillBeAdoptedAreNotAdded) {
    groups[0].owned = std::nullopt;
    sync();
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, AFailureIsReportedAndRetried) {
    failure = "not permitted";
    EXPECT_EQ(sync(), 1000);
    EXPECT_EQ(edge().problem, "not permitted");
    EXPECT_EQ(edge().present, 0u);
    EXPECT_EQ(acts, 1) << "after one failure the others are not tried";
    failure.clear();
    EXPECT_EQ(sync(), std::nullopt);
    EXPECT_EQ(edge().problem, "");
    EXPECT_EQ(edge().present, 2u);
}

TEST_F(KernelAddressesTest, AFailedRemovalIsRetried) {
    sync();
    groups[0].owned = false;
    failure = "not permitted";
    EXPECT_EQ(sync(), 1000);
    failure.clear();
    EXPECT_EQ(sync(), std::nullopt);
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, APortWithoutAnInterfaceIsReported) {
    groups[0].interface = "";
    sync();
    EXPECT_EQ(edge().problem, "its port has no kernel interface (yet)");
}

TEST_F(KernelAddressesTest, ManyVipsAreAddedInSeveralPasses) {
    groups[0].vips.clear();
    for (std::uint32_t i = 0; i < 1000; ++i)
        groups[0].vips.push_back(IpAddress::from_v4(Be32::from_host(0x0a000000 + i)));
    EXPECT_EQ(sync(), 0);
    EXPECT_LT(has.size(), 1000u);
    while (sync()) {
    }
    EXPECT_EQ(has.size(), 1000u);
    EXPECT_EQ(edge().repairs, 0u);
}

TEST_F(KernelAddressesTest, AnInheritedAddressGetsAnUnlimitedLifetime) {
    has = {kOnUp};
    sync();
    EXPECT_EQ(kept, (std::map<ManagedAddress, std::uint32_t>{{kOnUp, net::kForever}}));
    sync();
    EXPECT_EQ(acts, 3) << "each address is added once";
}

TEST_F(KernelAddressesTest, AFailedLifetimeChangeIsReportedAndRetried) {
    has = {kOnUp, kOnUp6};
    failure = "not permitted";
    EXPECT_EQ(sync(), 1000);
    EXPECT_EQ(edge().problem, "not permitted");
    failure.clear();
    EXPECT_EQ(sync(), std::nullopt);
    EXPECT_EQ(kept.size(), 2u);
}

TEST_F(KernelAddressesTest, WhenControlEndsOwnedVipsStayForTheHoldTime) {
    groups[0].hold_s = 10;
    groups.push_back({.group = "core", .interface = "down0", .vips = {kVip}, .owned = true});
    groups.push_back(
        {.group = "lost", .interface = "lost0", .vips = {kVip}, .owned = true, .hold_s = 10});
    sync();
    EXPECT_EQ(has.size(), 4u);
    groups[2].owned = false;
    addresses.leave(groups);
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6})) << "VIPs of groups without a hold time do not stay";
    EXPECT_EQ(kept, (std::map<ManagedAddress, std::uint32_t>{{kOnUp, 10}, {kOnUp6, 10}}));
}

}  // namespace
}  // namespace vipfwd::group
