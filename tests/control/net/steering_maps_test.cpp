// SPDX-License-Identifier: Apache-2.0
#include "control/net/steering_maps.h"

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
const SteeringRules kRules{.vips = {{kVips[0]}, {kVips[1]}}, .services = {}};

// The kernel has the first VIP as well.
const SteeringRules kLocal{.vips = {{kVips[0], STEER_VIP_IS_LOCAL}, {kVips[1]}},
                           .services = {{kVips[0], 6, 80, 80}, {kVips[0], 17, 8000, 8099}}};

class SteeringMaps : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
    }

    // Loopback supports generic mode only.
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

TEST_F(SteeringMaps, ReportThatNoProgramIsAttached) {
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(outcome->attached);
}

TEST_F(SteeringMaps, OfAnotherProgramAreNotTouched) {
    attach("decap.bpf.o", "vipfwd_decap");
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_FALSE(outcome->attached);
}

TEST_F(SteeringMaps, GetTheVips) {
    attach("steer.bpf.o", "vipfwd_steer");
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->attached);
    EXPECT_EQ(outcome->vips.added, 2u);
    EXPECT_EQ(*bpf::addresses_in(program_->map("vips")),
              std::vector<IpAddress>(kVips.begin(), kVips.end()));
}

TEST_F(SteeringMaps, GetTheServicesOfAVipThatTheKernelHasAsWell) {
    attach("steer.bpf.o", "vipfwd_steer");
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {}, kLocal);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->services_added, 1 + bpf::prefixes_of(kLocal.services[1]).size());
    EXPECT_EQ(*bpf::listed_in(program_->map("vips")), kLocal.vips);
    const Result<SteeringOutcome> again = sync_steering_maps("lo", {}, kLocal);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->services_added + again->services_removed + again->vips.changed, 0u);
}

TEST_F(SteeringMaps, LoseTheServicesOfAVipThatTheKernelNoLongerHas) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering_maps("lo", {}, kLocal));
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->vips.changed, 1u);
    EXPECT_EQ(outcome->services_removed, 1 + bpf::prefixes_of(kLocal.services[1]).size());
    EXPECT_EQ(*bpf::listed_in(program_->map("vips")), kRules.vips);
}

TEST(SteeringRules, ListServicesOnlyOfVipsThatTheKernelHasAsWell) {
    std::array<abi::VipEntry, 2> vips{};
    std::array<abi::ServiceEntry, 2> services{};
    for (std::size_t i = 0; i < vips.size(); ++i) {
        vips[i].address = services[i].vip = kVips[i];
        services[i].protocol = 6;
        services[i].port_first = services[i].port_last = 80;
    }
    vips[0].flags = abi::kVipIsLocal;
    vips[1].flags = abi::kVipRefuses;
    EXPECT_EQ(steering_rules(vips, services),
              (SteeringRules{.vips = {{kVips[0], STEER_VIP_IS_LOCAL}, {kVips[1]}},
                             .services = {{kVips[0], 6, 80, 80}}}));
}

TEST_F(SteeringMaps, GetTheTags) {
    attach("steer.bpf.o", "vipfwd_steer");
    const Result<SteeringOutcome> outcome =
        sync_steering_maps("lo", {.vlan = 7, .outer_vlan = 4094}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->tags_changed);
    EXPECT_EQ(tags().vlan, 7u);
    EXPECT_EQ(tags().outer_vlan, 4094u);
}

TEST_F(SteeringMaps, LoseTagsThatAreGone) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering_maps("lo", {.vlan = 7, .outer_vlan = 9}, kRules));
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->tags_changed);
    EXPECT_EQ(tags().vlan, 0u);
    EXPECT_EQ(tags().outer_vlan, 0u);
}

TEST_F(SteeringMaps, AreNotWrittenTheSecondTime) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering_maps("lo", {.vlan = 7}, kRules));
    const Result<SteeringOutcome> outcome = sync_steering_maps("lo", {.vlan = 7}, kRules);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->attached);
    EXPECT_FALSE(outcome->tags_changed);
    EXPECT_EQ(outcome->vips.added + outcome->vips.removed, 0u);
}

TEST_F(SteeringMaps, LoseAVipThatIsGone) {
    attach("steer.bpf.o", "vipfwd_steer");
    ASSERT_TRUE(sync_steering_maps("lo", {}, kRules));
    const Result<SteeringOutcome> outcome =
        sync_steering_maps("lo", {}, {.vips = {{kVips[0]}}, .services = {}});
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ(outcome->vips.removed, 1u);
}

TEST_F(SteeringMaps, AnUnknownInterfaceIsAnError) {
    EXPECT_FALSE(sync_steering_maps("nowhere0", {}, kRules));
}

}  // namespace
}  // namespace vipfwd::net
