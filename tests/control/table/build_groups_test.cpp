// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using sample::must_build;

TEST(BuildGroups, AGroupsVipsHaveItsLease) {
    config::Config config = sample::config();
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100"), sample::ip("10.0.0.102")})};
    config.services[1].always_owned = true;
    const Tables tables = must_build(config).tables;
    ASSERT_EQ(tables.groups.size(), 1u);
    ASSERT_EQ(tables.vips.size(), 3u);
    EXPECT_EQ(tables.vips[0].lease, tables.groups[0].lease);
    EXPECT_EQ(tables.vips[1].lease, abi::kNoGroup) << "of no group";
    EXPECT_EQ(tables.vips[2].lease, tables.groups[0].lease);
}

TEST(BuildGroups, WhereThereAreNoGroupsEachVipIsAlwaysOwned) {
    for (const abi::VipEntry& vip : must_build(sample::config()).tables.vips)
        EXPECT_EQ(vip.lease, abi::kNoGroup);
}

TEST(BuildGroups, AVipThatIsLeftToARivalIsNeverOwnedAndKeepsItsFlags) {
    config::Config config = sample::config();
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100"), sample::ip("10.0.0.101")})};
    config.groups[0].kernel_address = true;
    net::Facts facts = sample::facts();
    facts.left_to_rivals = {sample::ip("10.0.0.100")};
    const auto zero = [](std::uint32_t) { return CounterValue{}; };
    const Tables tables = build(config, facts, {}, {zero, zero}, 1000).value().tables;
    EXPECT_EQ(tables.vips[0].lease, abi::kNeverOwned);
    EXPECT_EQ(tables.vips[0].flags, abi::kVipIsLocal) << "the kernel must not answer for it";
    EXPECT_EQ(tables.vips[1].lease, tables.groups[0].lease);
}

TEST(BuildGroups, AVipThatNoGroupElectsIsNeverOwned) {
    config::Config config = sample::config();
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100")})};
    EXPECT_EQ(must_build(config).tables.vips[1].lease, abi::kNeverOwned) << "of no group";
    config.groups[0].port = "wan";
    EXPECT_EQ(must_build(config).tables.vips[0].lease, abi::kNeverOwned) << "its port is missing";
    config.groups.clear();
    config.unowned_vips = {sample::ip("10.0.0.100")};
    const Tables tables = must_build(config).tables;
    EXPECT_EQ(tables.vips[0].lease, abi::kNeverOwned);
    EXPECT_EQ(tables.vips[1].lease, abi::kNoGroup);
    EXPECT_EQ(tables.services.size(), 2u) << "packets that arrive are forwarded all the same";
}

TEST(BuildGroups, AGroupKeepsItsLeaseAndANewOneGetsNoLeaseOfAPreviousGroup) {
    config::Config config = sample::config();
    const auto edge = sample::group("edge", {sample::ip("10.0.0.100")});
    const auto inner = sample::group("inner", {sample::ip("10.0.0.102")});
    config.groups = {edge, inner};
    const Tables first = must_build(config).tables;
    EXPECT_NE(find_lease(first, "edge"), find_lease(first, "inner"));
    config.groups = {inner};
    const Tables second = must_build(config, first).tables;
    EXPECT_EQ(find_lease(second, "inner"), find_lease(first, "inner"));
    EXPECT_EQ(find_lease(second, "edge"), abi::kNoGroup);
    config.groups = {sample::group("new", {sample::ip("10.0.0.103")}), inner};
    const Tables third = must_build(config, first).tables;
    EXPECT_NE(find_lease(third, "new"), find_lease(first, "edge"));
    EXPECT_NE(find_lease(third, "new"), find_lease(first, "inner"));
}

TEST(BuildGroups, AGroupsKeyIsInItsEntry) {
    config::Config config = sample::config();
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100")}),
                     sample::group("inner", {sample::ip("fd00::102")})};
    const Tables without = must_build(config).tables;
    EXPECT_EQ(without.groups[0].auth, static_cast<std::uint8_t>(abi::AdvertAuth::kNone));
    config.groups[0].auth_key = abi::HmacKey{{1, 2}};
    config.groups[1].auth_key = abi::HmacKey{{3, 4}};
    const Tables with = must_build(config, without).tables;
    EXPECT_EQ(with.groups[0].auth, static_cast<std::uint8_t>(abi::AdvertAuth::kIpv4));
    EXPECT_EQ(with.groups[1].auth, static_cast<std::uint8_t>(abi::AdvertAuth::kIpv6));
    EXPECT_EQ(with.groups[0].auth_key, config.groups[0].auth_key);
    config.groups[0].auth_key = abi::HmacKey{{1, 3}};
    EXPECT_FALSE(same(must_build(config, with).tables, with)) << "another key is published";
}

TEST(BuildGroups, VipsHaveTheFlagsOfTheirGroup) {
    config::Config config = sample::config();
    config.groups = {sample::group("plain", {sample::ip("10.0.0.100")}),
                     sample::group("local", {sample::ip("10.0.0.102"), sample::ip("fd00::102")}),
                     sample::group("strict", {sample::ip("10.0.0.103")})};
    config.groups[1].kernel_address = true;
    config.groups[2].accept = false;
    const Tables tables = must_build(config).tables;
    std::map<IpAddress, int> flags;
    for (const abi::VipEntry& vip : tables.vips)
        flags[vip.address] = vip.flags;
    EXPECT_EQ(flags.at(sample::ip("10.0.0.100")), 0);
    EXPECT_EQ(flags.at(sample::ip("10.0.0.102")), abi::kVipIsLocal);
    EXPECT_EQ(flags.at(sample::ip("fd00::102")), abi::kVipIsLocal);
    EXPECT_EQ(flags.at(sample::ip("10.0.0.103")), abi::kVipRefuses);
}

TEST(BuildGroups, OnACapturePortThereIsNoElection) {
    config::Config config = sample::config();
    config.ports[0].driver = abi::Driver::kPcap;
    config.groups = {sample::group("edge", {sample::ip("10.0.0.100")})};
    const Tables tables = must_build(config).tables;
    EXPECT_TRUE(tables.groups.empty());
    EXPECT_EQ(tables.vips[0].lease, abi::kNoGroup);
}

}  // namespace
}  // namespace vipfwd::table
