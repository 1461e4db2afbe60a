// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/kernel_addresses.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "dataplane/abi/address_text.h"

namespace vipfwd::gateway {
namespace {

using net::ManagedAddress;

const IpAddress kVip = parse_ip("10.0.0.100").value();
const IpAddress kVip6 = parse_ip("fd00::100").value();
const ManagedAddress kOnUp{"up0", kVip};
const ManagedAddress kOnUp6{"up0", kVip6};

// A kernel that tells at once what it has.
class KernelAddressesTest : public testing::Test {
  protected:
    std::optional<std::int64_t> follow() {
        return addresses.follow(groups, std::vector(has.begin(), has.end()));
    }
    api::KernelAddress edge() const { return addresses.describe("edge"); }

    std::set<ManagedAddress> has;
    std::map<ManagedAddress, std::uint32_t> kept;  // for how many seconds
    std::string failure;                           // of what it is asked; empty: none
    int acts = 0;
    LocalVips group{.group = "edge", .interface = "up0", .vips = {kVip, kVip6}, .owned = true};
    std::vector<LocalVips> groups{group};
    KernelAddresses addresses{
        {.add = [this](const ManagedAddress& own) -> Result<bool> {
             ++acts;
             if (!failure.empty())
                 return Error{failure};
             return has.insert(own).second;
         },
         .remove = [this](const ManagedAddress& own) -> Result<void> {
             ++acts;
             if (!failure.empty())
                 return Error{failure};
             has.erase(own);
             return {};
         },
         .keep = [this](const ManagedAddress& own, std::uint32_t valid_s) -> Result<void> {
             ++acts;
             if (!failure.empty())
                 return Error{failure};
             kept[own] = valid_s;
             return {};
         }}};
};

TEST_F(KernelAddressesTest, TheKernelHasWhatIsOwned) {
    EXPECT_EQ(follow(), std::nullopt);
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6}));
    EXPECT_EQ(edge().present, 2u);
    EXPECT_EQ(edge().repairs, 0u);
    follow();
    EXPECT_EQ(acts, 2) << "once is enough";
}

TEST_F(KernelAddressesTest, TheKernelLosesWhatIsOwnedNoMore) {
    follow();
    groups[0].owned = false;
    follow();
    EXPECT_TRUE(has.empty());
    EXPECT_EQ(edge().present, 0u);
}

TEST_F(KernelAddressesTest, TheKernelLosesWhatIsConfiguredNoMore) {
    follow();
    groups[0].vips = {kVip6};
    follow();
    EXPECT_EQ(has, std::set{kOnUp6});
    groups.clear();
    follow();
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, AddressesMoveWithTheirPort) {
    follow();
    groups[0].interface = "down0";
    follow();
    EXPECT_EQ(has, (std::set<ManagedAddress>{{"down0", kVip}, {"down0", kVip6}}));
}

TEST_F(KernelAddressesTest, WhatSomebodyRemovesIsPutBackAndCounted) {
    follow();
    has.erase(kOnUp);
    follow();
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6}));
    EXPECT_EQ(edge().repairs, 1u);
    has.clear();
    follow();
    EXPECT_EQ(edge().repairs, 3u);
    EXPECT_EQ(edge().present, 2u);
}

TEST_F(KernelAddressesTest, NothingIsDoneBeforeTheKernelHasSaidWhatItHas) {
    EXPECT_EQ(addresses.follow(groups, std::nullopt), std::nullopt);
    EXPECT_EQ(acts, 0);
}

TEST_F(KernelAddressesTest, WhatSomebodyElseHasSetIsCountedAndStays) {
    has = {kOnUp};
    addresses.follow(groups, std::vector<ManagedAddress>{});
    EXPECT_EQ(edge().present, 2u);
    groups[0].owned = false;
    addresses.follow(groups, std::vector{kOnUp6});
    EXPECT_EQ(has, std::set{kOnUp});
}

TEST_F(KernelAddressesTest, WhatTheKernelHasNotToldYetIsNoRepair) {
    follow();
    EXPECT_EQ(addresses.follow(groups, std::vector<ManagedAddress>{}), std::nullopt);
    EXPECT_EQ(edge().repairs, 0u);
    EXPECT_EQ(edge().present, 2u);
}

TEST_F(KernelAddressesTest, LeftOversAreRemoved) {
    has = {{"up0", parse_ip("10.0.0.99").value()}, kOnUp};
    groups[0].owned = false;
    follow();
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, WhatMayYetBeAdoptedStays) {
    has = {kOnUp, kOnUp6};
    groups[0].owned = std::nullopt;
    follow();
    EXPECT_EQ(acts, 0);
    groups[0].owned = true;
    follow();
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6}));
    EXPECT_EQ(edge().present, 2u);
    EXPECT_EQ(edge().repairs, 0u);
}

TEST_F(KernelAddressesTest, NothingIsAddedForWhatMayYetBeAdopted) {
    groups[0].owned = std::nullopt;
    follow();
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, AFailureIsToldAndTriedAgain) {
    failure = "not permitted";
    EXPECT_EQ(follow(), 1000);
    EXPECT_EQ(edge().problem, "not permitted");
    EXPECT_EQ(edge().present, 0u);
    EXPECT_EQ(acts, 1) << "what fails once fails for the others, too";
    failure.clear();
    EXPECT_EQ(follow(), std::nullopt);
    EXPECT_EQ(edge().problem, "");
    EXPECT_EQ(edge().present, 2u);
}

TEST_F(KernelAddressesTest, ARemovalThatFailsIsTriedAgain) {
    follow();
    groups[0].owned = false;
    failure = "not permitted";
    EXPECT_EQ(follow(), 1000);
    failure.clear();
    EXPECT_EQ(follow(), std::nullopt);
    EXPECT_TRUE(has.empty());
}

TEST_F(KernelAddressesTest, APortWithoutAnInterfaceIsToldOf) {
    groups[0].interface = "";
    follow();
    EXPECT_EQ(edge().problem, "its port has no kernel interface (yet)");
}

TEST_F(KernelAddressesTest, ManyAreDoneInTurns) {
    groups[0].vips.clear();
    for (std::uint32_t i = 0; i < 1000; ++i)
        groups[0].vips.push_back(IpAddress::from_v4(Be32::from_host(0x0a000000 + i)));
    EXPECT_EQ(follow(), 0);
    EXPECT_LT(has.size(), 1000u);
    while (follow()) {
    }
    EXPECT_EQ(has.size(), 1000u);
    EXPECT_EQ(edge().repairs, 0u);
}

TEST_F(KernelAddressesTest, WhatIsInheritedStaysForGood) {
    has = {kOnUp};
    follow();
    EXPECT_EQ(kept, (std::map<ManagedAddress, std::uint32_t>{{kOnUp, net::kForever}}));
    follow();
    EXPECT_EQ(acts, 3) << "once is enough";
}

TEST_F(KernelAddressesTest, WhatCannotBeKeptIsToldAndTriedAgain) {
    has = {kOnUp, kOnUp6};
    failure = "not permitted";
    EXPECT_EQ(follow(), 1000);
    EXPECT_EQ(edge().problem, "not permitted");
    failure.clear();
    EXPECT_EQ(follow(), std::nullopt);
    EXPECT_EQ(kept.size(), 2u);
}

TEST_F(KernelAddressesTest, WhenControlEndsWhatIsOwnedStaysForTheHoldTime) {
    groups[0].hold_s = 10;
    groups.push_back({.group = "core", .interface = "down0", .vips = {kVip}, .owned = true});
    groups.push_back(
        {.group = "lost", .interface = "lost0", .vips = {kVip}, .owned = true, .hold_s = 10});
    follow();
    EXPECT_EQ(has.size(), 4u);
    groups[2].owned = false;
    addresses.leave(groups);
    EXPECT_EQ(has, (std::set{kOnUp, kOnUp6})) << "of who has no hold time, nothing stays";
    EXPECT_EQ(kept, (std::map<ManagedAddress, std::uint32_t>{{kOnUp, 10}, {kOnUp6, 10}}));
}

}  // namespace
}  // namespace vipfwd::gateway
