// SPDX-License-Identifier: Apache-2.0
#include "control/table/arrange.h"

#include <gtest/gtest.h>

#include "control/table/boot_parameters.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

TEST(Arrange, PutsPortsInTheOrderOfTheRunningDataplane) {
    config::Config running = sample::config();
    config::Port other;
    other.name = "inside";
    other.device = "eth2";
    config::Config changed = running;
    changed.ports.insert(changed.ports.begin(), other);
    net::Facts facts = sample::facts();
    facts.ports.insert(
        facts.ports.begin(),
        net::PortFacts{.source_v4 = sample::ip("10.9.0.1"), .source_v6 = {}, .mtu = 9000});
    facts.next_hop = [](const IpAddress& address) -> std::optional<net::NextHop> {
        return net::NextHop{{},
                            static_cast<std::uint8_t>(address == sample::ip("10.9.0.2") ? 0 : 1)};
    };
    const net::Facts arranged = arrange(facts, boot_parameters(changed), boot_parameters(running));
    ASSERT_EQ(arranged.ports.size(), 1u);
    EXPECT_EQ(arranged.ports[0].source_v4, sample::ip("10.0.0.1"));
    EXPECT_EQ(arranged.next_hop(sample::ip("10.0.0.11"))->port, 0);
    EXPECT_FALSE(arranged.next_hop(sample::ip("10.9.0.2"))) << "by a port that does not run";
}

TEST(Arrange, APortThatIsNotConfiguredAnyMoreHasNoFacts) {
    config::Config running = sample::config();
    config::Port gone;
    gone.name = "gone";
    gone.device = "eth9";
    running.ports.push_back(gone);
    const net::Facts arranged =
        arrange(sample::facts(), boot_parameters(sample::config()), boot_parameters(running));
    ASSERT_EQ(arranged.ports.size(), 2u);
    EXPECT_EQ(arranged.ports[0], sample::facts().ports[0]);
    EXPECT_EQ(arranged.ports[1], net::PortFacts{});
}

}  // namespace
}  // namespace vipfwd::table
