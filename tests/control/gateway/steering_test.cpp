// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/steering.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <span>
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

TEST_F(SteeringTest, CoversAnOpeningOfAPortOnceItIsSynced) {
    EXPECT_FALSE(steering.covers(ports[0]));
    sync();
    EXPECT_TRUE(steering.covers(ports[0]));
    std::vector<SteeredPort> reopened = ports;
    ++reopened[0].openings;
    EXPECT_FALSE(steering.covers(reopened[0])) << "it has another program";
    EXPECT_TRUE(steering.in_sync()) << "for the groups of other ports nothing has changed";
    answers.at("up0") = Error{"too many open files"};
    steering.sync(reopened, kRules);
    EXPECT_FALSE(steering.in_sync()) << "what was known was of the former program";
    steering.reset();
    EXPECT_FALSE(steering.covers(ports[1]));
}

TEST_F(SteeringTest, AClosedPortHasNoProblems) {
    answers.at("down0") = net::SteeringOutcome{};
    sync();
    EXPECT_EQ(steering.problems().size(), 1u);
    steering.sync(std::span(ports).first(1), kRules);
    EXPECT_TRUE(steering.in_sync());
    EXPECT_TRUE(steering.problems().empty());
}

TEST(SteeredPorts, AreTheAfXdpPortsThatAreOpen) {
    config::Config config;
    const auto status = std::make_unique<abi::DataplaneStatus>();
    for (const char* name : {"uplink", "downlink", "other"}) {
        abi::PortBoot& boot = status->booted.ports[config.ports.size()];
        config::Port& port = config.ports.emplace_back();
        port.name = name;
        port.device = std::string(name) + "0";
        port.driver = port.name == "other" ? abi::Driver::kAfPacket : abi::Driver::kAfXdp;
        port.device.copy(boot.device, abi::kDeviceBytes - 1);
        boot.driver = static_cast<std::uint32_t>(port.driver);
    }
    status->booted.port_count = 3;
    const auto set = [&](std::size_t port, abi::PortState state) {
        status->ports[port].state.store(static_cast<std::uint64_t>(state));
    };
    set(0, abi::PortState::kNoInterface);
    set(1, abi::PortState::kDown);
    set(2, abi::PortState::kUp);
    status->ports[1].openings.store(4);
    const std::vector<SteeredPort> steered = steered_ports(config, *status);
    ASSERT_EQ(steered.size(), 1u);
    EXPECT_EQ(steered[0].name, "downlink");
    EXPECT_EQ(steered[0].openings, 4u);
    config.ports[1].device = "renamed0";
    EXPECT_TRUE(steered_ports(config, *status).empty()) << "the dataplane has another device";
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
