// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/steering.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::gateway {
namespace {

const net::SteeringRules kPackets{
    .vips = {{.address = parse_ip("10.0.0.100").value(), .flags = STEER_VIP_IS_LOCAL}},
    .services = {{parse_ip("10.0.0.100").value(), 6, 80, 80}}};

// Interfaces whose programs say what a test wants.
class SteeringTest : public testing::Test {
  protected:
    SteeringTest()
        : steering([this](const std::string& interface, net::VlanTags,
                          const net::SteeringRules& packets) -> Result<net::SteeringOutcome> {
              told[interface] = packets;
              return answers.at(interface);
          }) {}

    void follow() { steering.follow(ports, kPackets); }

    const std::vector<SteeredPort> ports{{.name = "uplink", .interface = "up0", .tags = {}},
                                         {.name = "downlink", .interface = "down0", .tags = {}}};
    const net::SteeringOutcome attached{.attached = true};
    std::map<std::string, Result<net::SteeringOutcome>> answers{{"up0", attached},
                                                                {"down0", attached}};
    std::map<std::string, net::SteeringRules> told;
    Steering steering;
};

TEST_F(SteeringTest, IsOutOfStepUntilEveryProgramWasTold) {
    EXPECT_FALSE(steering.in_step());
    follow();
    EXPECT_TRUE(steering.in_step());
    for (const SteeredPort& port : ports)
        EXPECT_EQ(told[port.interface], kPackets);
}

TEST_F(SteeringTest, AVipIsLocalOnceEveryProgramWasToldSo) {
    const IpAddress vip = kPackets.vips[0].address;
    answers.at("down0") = net::SteeringOutcome{};
    follow();
    EXPECT_FALSE(steering.is_local(vip)) << "one has no program";
    answers.at("down0") = Error{"no access"};
    follow();
    EXPECT_FALSE(steering.is_local(vip)) << "one may not have heard";
    answers.at("down0") = attached;
    follow();
    EXPECT_TRUE(steering.is_local(vip));
    EXPECT_FALSE(steering.is_local(parse_ip("10.0.0.101").value()));
    answers.at("down0") = Error{"no access"};
    follow();
    EXPECT_TRUE(steering.is_local(vip)) << "all have heard once";
    answers.at("down0") = attached;
    net::SteeringRules others = kPackets;
    others.vips[0].flags = 0;
    steering.follow(ports, others);
    EXPECT_FALSE(steering.is_local(vip));
    follow();
    steering.reset();
    EXPECT_FALSE(steering.is_local(vip));
}

TEST_F(SteeringTest, IsOutOfStepWhileOneProgramIsMissing) {
    answers.at("down0") = net::SteeringOutcome{};
    follow();
    EXPECT_FALSE(steering.in_step());
    answers.at("down0") = attached;
    follow();
    EXPECT_TRUE(steering.in_step());
}

TEST_F(SteeringTest, NoticesAProgramThatIsTakenAway) {
    follow();
    answers.at("up0") = net::SteeringOutcome{};
    follow();
    EXPECT_FALSE(steering.in_step());
}

TEST_F(SteeringTest, IsOutOfStepWithTheNextDataplane) {
    follow();
    steering.reset();
    EXPECT_FALSE(steering.in_step());
}

TEST_F(SteeringTest, TakesAProgramThatCannotBeReadForWhatItWas) {
    answers.at("up0") = Error{"too many open files"};
    follow();
    EXPECT_FALSE(steering.in_step());
    answers.at("up0") = attached;
    follow();
    answers.at("up0") = Error{"too many open files"};
    follow();
    EXPECT_TRUE(steering.in_step());
}

TEST_F(SteeringTest, HasNothingToDoForOtherDrivers) {
    steering.follow({}, kPackets);
    EXPECT_TRUE(steering.in_step());
}

}  // namespace
}  // namespace vipfwd::gateway
