// SPDX-License-Identifier: Apache-2.0
#include "control/net/steer.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "dataplane/abi/address_text.h"
#include "dataplane/bpf/attached.h"
#include "dataplane/bpf/steer_tags.h"
#include "tests/control/net/private_network.h"
#include "tests/dataplane/bpf/xdp_program.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

const std::array kVips{parse_ip("10.0.0.100").value(), parse_ip("10.0.0.101").value()};

class Steer : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
    }

    // Loopback knows generic mode only.
    void attach(const char* object, const char* name) {
        program_.emplace(object, name);
        ASSERT_TRUE(program_->loaded());
        ASSERT_TRUE(bpf::attach("lo", program_->fd(), bpf::XdpMode::kGeneric, nullptr));
    }

    steer_tags tags() const {
        const std::uint32_t only = 0;
        steer_tags read{};
        EXPECT_EQ(bpf_map_lookup_elem(program_->map("tags"), &only, &read), 0);
        return read;
    }

    std::optional<PrivateNetwork> network_;
    std::optional<test::XdpProgram> program_;
};

TEST_F(Steer, SaysThatNothingIsAttachedYet) {
    const Result<SteerOutcome> outcome = sync_steering("lo", {}, kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(outcome->attached);
}

TEST_F(Steer, LeavesAnotherProgramAlone) {
    attach("decap.bpf.o", "vipfwd_decap");
    const Result<SteerOutcome> outcome = sync_steering("lo", {}, kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(outcome->attached);
}

TEST_F(Steer, TellsTheProgramTheVips) {
    attach("steer.bpf.o", "vipfwd_steer");
    const Result<SteerOutcome> outcome = sync_steering("lo", {}, kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->attached);
    EXPECT_EQ(outcome->vips.added, 2u);
    EXPECT_EQ(*bpf::addresses_in(program_->map("vips")),
              std::vector<IpAddress>(kVips.begin(), kVips.end()));
}

TEST_F(Steer, TellsTheProgramTheTags) {
    attach("steer.bpf.o", "vipfwd_steer");
    const Result<SteerOutcome> outcome =
        sync_steering("lo", {.vlan = 7, .outer_vlan = 4094}, kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->tags_changed);
    EXPECT_EQ(tags().vlan, 7u);
    EXPECT_EQ(tags().outer_vlan, 4094u);
}

TEST_F(Steer, ForgetsTagsThatAreGone) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering("lo", {.vlan = 7, .outer_vlan = 9}, kVips));
    const Result<SteerOutcome> outcome = sync_steering("lo", {}, kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->tags_changed);
    EXPECT_EQ(tags().vlan, 0u);
    EXPECT_EQ(tags().outer_vlan, 0u);
}

TEST_F(Steer, ChangesNothingTheSecondTime) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering("lo", {.vlan = 7}, kVips));
    const Result<SteerOutcome> outcome = sync_steering("lo", {.vlan = 7}, kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->attached);
    EXPECT_FALSE(outcome->tags_changed);
    EXPECT_EQ(outcome->vips.added + outcome->vips.removed, 0u);
}

TEST_F(Steer, ForgetsAVipThatIsGone) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering("lo", {}, kVips));
    const Result<SteerOutcome> outcome = sync_steering("lo", {}, std::span(kVips).first(1));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->vips.removed, 1u);
}

TEST_F(Steer, AnUnknownInterfaceIsAnError) {
    EXPECT_FALSE(sync_steering("nowhere0", {}, kVips));
}

}  // namespace
}  // namespace vipfwd::net
