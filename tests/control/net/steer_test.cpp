// SPDX-License-Identifier: Apache-2.0
#include "control/net/steer.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>

#include "dataplane/abi/address_text.h"
#include "dataplane/bpf/attached.h"
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

    std::optional<PrivateNetwork> network_;
    std::optional<test::XdpProgram> program_;
};

TEST_F(Steer, SaysThatNothingIsAttachedYet) {
    const Result<SteerOutcome> outcome = sync_vips("lo", kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(outcome->attached);
}

TEST_F(Steer, LeavesAnotherProgramAlone) {
    attach("decap.bpf.o", "vipfwd_decap");
    const Result<SteerOutcome> outcome = sync_vips("lo", kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(outcome->attached);
}

TEST_F(Steer, TellsTheProgramTheVips) {
    attach("steer.bpf.o", "vipfwd_steer");
    const Result<SteerOutcome> outcome = sync_vips("lo", kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->attached);
    EXPECT_EQ(outcome->changes.added, 2u);
    EXPECT_EQ(*bpf::addresses_in(program_->map("vips")),
              std::vector<IpAddress>(kVips.begin(), kVips.end()));
}

TEST_F(Steer, ChangesNothingTheSecondTime) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_vips("lo", kVips));
    const Result<SteerOutcome> outcome = sync_vips("lo", kVips);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->attached);
    EXPECT_EQ(outcome->changes.added + outcome->changes.removed, 0u);
}

TEST_F(Steer, ForgetsAVipThatIsGone) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_vips("lo", kVips));
    const Result<SteerOutcome> outcome = sync_vips("lo", std::span(kVips).first(1));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->changes.removed, 1u);
}

TEST_F(Steer, AnUnknownInterfaceIsAnError) {
    EXPECT_FALSE(sync_vips("nowhere0", kVips));
}

}  // namespace
}  // namespace vipfwd::net
