// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/steering.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::gateway {
namespace {

const net::SteeringRules kRules{
    .vips = {{.address = parse_ip("10.0.0.100").value(), .flags = STEER_VIP_IS_LOCAL}},
    .services = {{parse_ip("10.0.0.100").value(), 6, 80, 80}}};

// Interfaces whose programs say what a test wants.
class SteeringTest : public testing::Test {
  protected:
    SteeringTest()
        : steering([this](const std::string& interface, net::VlanTags,
                          const net::SteeringRules& rules) -> Result<net::SteeringOutcome> {
              synced[interface] = rules;
              return answers.at(interface);
          }) {}

    void sync() { steering.sync(ports, kRules); }

    const std::vector<SteeredPort> ports{{.name = "uplink", .interface = "up0", .tags = {}},
                                         {.name = "downlink", .interface = "down0", .tags = {}}};
    const net::SteeringOutcome attached{.attached = true};
    std::map<std::string, Result<net::SteeringOutcome>> answers{{"up0", attached},
                                                                {"down0", attached}};
    std::map<std::string, net::SteeringRules> synced;
    Steering steering;
};

TEST_F(SteeringTest, IsOutOfSyncUntilEveryProgramIsUpdated) {
    EXPECT_FALSE(steering.in_sync());
    sync();
    EXPECT_TRUE(steering.in_sync());
    for (const SteeredPort& port : ports)
        EXPECT_EQ(synced[port.interface], kRules);
}

TEST_F(SteeringTest, AVipIsLocalOnceEveryProgramKnows) {
    const IpAddress vip = kRules.vips[0].address;
    answers.at("down0") = net::SteeringOutcome{};
    sync();
    EXPECT_FALSE(steering.is_local(vip)) << "one has no program";
    answers.at("down0") = Error{"no access"};
    sync();
    EXPECT_FALSE(steering.is_local(vip)) << "one may not have heard";
    answers.at("down0") = attached;
    sync();
    EXPECT_TRUE(steering.is_local(vip));
    EXPECT_FALSE(steering.is_local(parse_ip("10.0.0.101").value()));
    answers.at("down0") = Error{"no access"};
    sync();
    EXPECT_TRUE(steering.is_local(vip)) << "all have heard once";
    answers.at("down0") = attached;
    net::SteeringRules others = kRules;
    others.vips[0].flags = 0;
    steering.sync(ports, others);
    EXPECT_FALSE(steering.is_local(vip));
    sync();
    steering.reset();
    EXPECT_FALSE(steering.is_local(vip));
}

TEST_F(SteeringTest, IsOutOfSyncWhileOneProgramIsMissing) {
    answers.at("down0") = net::SteeringOutcome{};
    sync();
    EXPECT_FALSE(steering.in_sync());
    answers.at("down0") = attached;
    sync();
    EXPECT_TRUE(steering.in_sync());
}

TEST_F(SteeringTest, NoticesAProgramThatIsDetached) {
    sync();
    answers.at("up0") = net::SteeringOutcome{};
    sync();
    EXPECT_FALSE(steering.in_sync());
}

TEST_F(SteeringTest, IsOutOfSyncWithTheNextDataplane) {
    sync();
    steering.reset();
    EXPECT_FALSE(steering.in_sync());
}

TEST_F(SteeringTest, AProgramThatCannotBeReadKeepsItsState) {
    answers.at("up0") = Error{"too many open files"};
    sync();
    EXPECT_FALSE(steering.in_sync());
    answers.at("up0") = attached;
    sync();
    answers.at("up0") = Error{"too many open files"};
    sync();
    EXPECT_TRUE(steering.in_sync());
}

TEST_F(SteeringTest, PassesOnWhatTheProgramsHaveNoted) {
    const bpf::VipSender sender{.vip = kRules.vips[0].address};
    answers.at("down0") = net::SteeringOutcome{.attached = true, .senders = {sender}};
    sync();
    const auto senders = steering.take_senders();
    ASSERT_EQ(senders.size(), 1u);
    EXPECT_EQ(senders[0].first, "downlink");
    EXPECT_EQ(senders[0].second.vip, sender.vip);
    EXPECT_TRUE(steering.take_senders().empty());
}

TEST_F(SteeringTest, HasNothingToDoForOtherDrivers) {
    steering.sync({}, kRules);
    EXPECT_TRUE(steering.in_sync());
}

}  // namespace
}  // namespace vipfwd::gateway
