// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/address_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/limits.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::bpf {
namespace {

std::vector<IpAddress> addresses(std::initializer_list<std::string_view> texts) {
    std::vector<IpAddress> parsed;
    for (const std::string_view text : texts)
        parsed.push_back(parse_ip(text).value());
    return parsed;
}

class AddressMap : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        program_.emplace("steer.bpf.o", "vipfwd_steer");
        ASSERT_TRUE(program_->loaded());
        map_ = program_->map("vips");
    }

    AddressChanges set(const std::vector<IpAddress>& wanted) const {
        const Result<AddressChanges> changes = set_addresses(map_, wanted);
        EXPECT_TRUE(changes) << changes.error().message;
        return changes ? *changes : AddressChanges{};
    }

    std::vector<IpAddress> listed() const {
        const Result<std::vector<IpAddress>> present = addresses_in(map_);
        EXPECT_TRUE(present) << present.error().message;
        return present ? *present : std::vector<IpAddress>{};
    }

    std::optional<test::XdpProgram> program_;
    int map_ = -1;
};

TEST_F(AddressMap, IsEmptyAtFirst) {
    EXPECT_TRUE(listed().empty());
}

TEST_F(AddressMap, ListsItsEntriesInAscendingOrder) {
    set(addresses({"10.0.0.2", "fd00::100", "10.0.0.1"}));
    EXPECT_EQ(listed(), addresses({"10.0.0.1", "10.0.0.2", "fd00::100"}));
}

TEST_F(AddressMap, ChangesOnlyWhatDiffers) {
    set(addresses({"10.0.0.1", "10.0.0.2"}));
    const AddressChanges changes = set(addresses({"10.0.0.2", "10.0.0.3", "10.0.0.4"}));
    EXPECT_EQ(changes.added, 2u);
    EXPECT_EQ(changes.removed, 1u);
    EXPECT_EQ(listed(), addresses({"10.0.0.2", "10.0.0.3", "10.0.0.4"}));
}

TEST_F(AddressMap, ChangesNothingTheSecondTime) {
    set(addresses({"10.0.0.1", "10.0.0.2"}));
    const AddressChanges changes = set(addresses({"10.0.0.2", "10.0.0.1"}));
    EXPECT_EQ(changes.added, 0u);
    EXPECT_EQ(changes.removed, 0u);
}

TEST_F(AddressMap, MergesDuplicates) {
    const AddressChanges changes = set(addresses({"10.0.0.1", "10.0.0.1"}));
    EXPECT_EQ(changes.added, 1u);
}

TEST_F(AddressMap, IsEmptiedByAnEmptyList) {
    set(addresses({"10.0.0.1", "10.0.0.2"}));
    EXPECT_EQ(set({}).removed, 2u);
    EXPECT_TRUE(listed().empty());
}

TEST_F(AddressMap, ChangesFlagsInPlace) {
    const auto two = addresses({"10.0.0.1", "10.0.0.2"});
    const std::vector<ListedAddress> wanted{{two[0], 1}, {two[1]}};
    set(two);
    const Result<AddressChanges> changes = set_addresses(map_, wanted);
    ASSERT_TRUE(changes) << changes.error().message;
    EXPECT_EQ(changes->added + changes->removed, 0u);
    EXPECT_EQ(changes->changed, 1u);
    const Result<std::vector<ListedAddress>> present = listed_in(map_);
    ASSERT_TRUE(present) << present.error().message;
    EXPECT_EQ(*present, wanted);
}

TEST_F(AddressMap, ReplacesTheMaximumNumberOfVips) {
    std::vector<IpAddress> before;
    std::vector<IpAddress> after;
    for (std::uint32_t i = 0; i < abi::kMaxVips; ++i) {
        before.push_back(IpAddress::from_v4(Be32::from_host(0x0a000000 + i)));
        after.push_back(IpAddress::from_v4(Be32::from_host(0x0b000000 + i)));
    }
    set(before);
    const AddressChanges changes = set(after);
    EXPECT_EQ(changes.added, abi::kMaxVips);
    EXPECT_EQ(changes.removed, abi::kMaxVips);
    EXPECT_EQ(listed(), after);
}

TEST_F(AddressMap, ReportsWhichAddressDoesNotFit) {
    std::vector<IpAddress> too_many;
    for (std::uint32_t i = 0; i < 3 * abi::kMaxVips; ++i)
        too_many.push_back(IpAddress::from_v4(Be32::from_host(0x0a000000 + i)));
    const Result<AddressChanges> changes = set_addresses(map_, too_many);
    ASSERT_FALSE(changes);
    EXPECT_NE(changes.error().message.find("10.0."), std::string::npos);
}

}  // namespace
}  // namespace vipfwd::bpf
