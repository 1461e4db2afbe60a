// SPDX-License-Identifier: Apache-2.0
#include "control/view/ports.h"

#include <gtest/gtest.h>

#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

TEST(Ports, WithoutADataplaneNoneRuns) {
    const Scene scene;
    const std::vector<PortRow> rows = ports(scene.source());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].name, "uplink");
    EXPECT_EQ(rows[0].state, PortDisplayState::kNotRunning);
    EXPECT_EQ(rows[0].status, nullptr);
    EXPECT_FALSE(rows[0].mac);
}

TEST(Ports, TheStatusOfARunningPortIsRead) {
    Scene scene;
    scene.start_dataplane();
    abi::PortStatus& status = scene.status().ports[0];
    EXPECT_EQ(ports(scene.source())[0].state, PortDisplayState::kAbsent);
    status.state.store(static_cast<std::uint64_t>(abi::PortState::kDown));
    EXPECT_EQ(ports(scene.source())[0].state, PortDisplayState::kDown);
    status.state.store(static_cast<std::uint64_t>(abi::PortState::kUp));
    status.mac.store(0x060504030201);
    status.mtu.store(1500);
    const PortRow row = ports(scene.source())[0];
    EXPECT_EQ(row.state, PortDisplayState::kUp);
    EXPECT_EQ(row.mac, (MacAddress{{1, 2, 3, 4, 5, 6}}));
    EXPECT_EQ(row.mtu, 1500u);
    ASSERT_NE(row.status, nullptr);
    scene.link.ready = false;
    EXPECT_EQ(ports(scene.source())[0].state, PortDisplayState::kNotRunning);
}

TEST(Ports, APortThatOnlyTheDataplaneHasComesLast) {
    Scene scene;
    scene.start_dataplane();
    scene.config.ports[0].name = "renamed";
    const std::vector<PortRow> rows = ports(scene.source());
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].name, "renamed");
    EXPECT_EQ(rows[0].state, PortDisplayState::kNotRunning);
    EXPECT_TRUE(rows[0].configured);
    EXPECT_EQ(rows[1].name, "uplink");
    EXPECT_EQ(rows[1].device, "eth1");
    EXPECT_FALSE(rows[1].configured);
}

}  // namespace
}  // namespace vipfwd::view
