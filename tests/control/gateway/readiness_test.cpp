// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/readiness.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::gateway {
namespace {

using health::Verdict;

TEST(Readiness, ForwardsOnceWorkersRunAndPacketsAreSteeredToThem) {
    EXPECT_FALSE((Readiness{.workers_run = true}).forwards());
    EXPECT_FALSE((Readiness{.steering_in_sync = true}).forwards());
    EXPECT_TRUE((Readiness{.workers_run = true, .steering_in_sync = true}).forwards())
        << "next hops do not matter once a group has started";
}

TEST(Readiness, NextHopsAreInForceOnceAllWorkersForwardByThem) {
    EXPECT_FALSE(all_next_hops_in_force(nullptr));
    view::Scene scene;
    scene.start_dataplane();
    scene.status().workers[0].heartbeat_ns.store(1);
    EXPECT_FALSE(all_next_hops_in_force(&*scene.publisher)) << "not acknowledged";
    scene.status().workers[0].generation.store(1);
    EXPECT_TRUE(all_next_hops_in_force(&*scene.publisher));
}

TEST(Readiness, ABackendWithoutANextHopCountsUnlessItIsRetired) {
    view::Scene scene;
    scene.facts.next_hop = [](const IpAddress& address) -> std::optional<net::NextHop> {
        if (address == table::sample::ip("10.0.0.21"))
            return std::nullopt;
        return net::NextHop{{{2}}, 0};
    };
    scene.start_dataplane();
    scene.status().workers[0].heartbeat_ns.store(1);
    scene.status().workers[0].generation.store(1);
    EXPECT_FALSE(all_next_hops_in_force(&*scene.publisher));
    scene.config.pools[1].backends.clear();
    scene.publish();
    scene.status().workers[0].generation.store(2);
    EXPECT_TRUE(all_next_hops_in_force(&*scene.publisher)) << "db1 is retired";
}

Verdict verdict(std::optional<bool> kernel_link_up, bool kernel_is_complete,
                const abi::DataplaneStatus* status, std::string_view port) {
    return judge_link(kernel_link_up, kernel_is_complete, status, port).verdict;
}

TEST(JudgeLink, TheKernelDecidesForAnInterfaceOfItsOwn) {
    EXPECT_EQ(verdict(true, false, nullptr, "uplink"), Verdict::kGood);
    EXPECT_EQ(verdict(false, true, nullptr, "uplink"), Verdict::kBad);
    EXPECT_EQ(verdict(false, false, nullptr, "uplink"), Verdict::kUnknown)
        << "the kernel may not have reported it yet";
}

TEST(JudgeLink, TheDataplaneDecidesForADeviceThatItHasToItself) {
    EXPECT_EQ(verdict(std::nullopt, true, nullptr, "uplink"), Verdict::kUnknown);
    const auto status = std::make_unique<abi::DataplaneStatus>();
    status->booted.port_count = 2;
    std::string("downlink").copy(status->booted.ports[0].name, abi::kNameBytes - 1);
    std::string("uplink").copy(status->booted.ports[1].name, abi::kNameBytes - 1);
    const auto set = [&](abi::PortState state) {
        status->ports[1].state.store(static_cast<std::uint64_t>(state));
    };
    set(abi::PortState::kUp);
    EXPECT_EQ(verdict(std::nullopt, true, status.get(), "uplink"), Verdict::kGood);
    set(abi::PortState::kDown);
    EXPECT_EQ(verdict(std::nullopt, true, status.get(), "uplink"), Verdict::kBad);
    EXPECT_EQ(verdict(std::nullopt, true, status.get(), "other"), Verdict::kUnknown);
}

TEST(JudgeLink, APortThatTheDataplaneHasClosedIsBadWhateverTheKernelSays) {
    const auto status = std::make_unique<abi::DataplaneStatus>();
    status->booted.port_count = 1;
    std::string("uplink").copy(status->booted.ports[0].name, abi::kNameBytes - 1);
    std::string("eth1").copy(status->booted.ports[0].device, abi::kDeviceBytes - 1);
    const auto judge = [&](abi::PortState state) {
        status->ports[0].state.store(static_cast<std::uint64_t>(state));
        return judge_link(true, true, status.get(), "uplink");
    };
    EXPECT_EQ(judge(abi::PortState::kUp).closed, "");
    EXPECT_EQ(judge(abi::PortState::kNoInterface).verdict, Verdict::kBad);
    EXPECT_EQ(judge(abi::PortState::kNoInterface).closed,
              "port uplink is closed: there is no interface eth1");
    EXPECT_EQ(judge(abi::PortState::kCannotOpen).verdict, Verdict::kBad);
    EXPECT_EQ(judge(abi::PortState::kCannotOpen).closed,
              "port uplink is closed: the dataplane cannot open it, see its log");
}

}  // namespace
}  // namespace vipfwd::gateway
