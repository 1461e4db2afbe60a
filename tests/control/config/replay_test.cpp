// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"
#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

Config two_ports() {
    return load_good(R"(
[dataplane]
lcores = [2, 3]
idle = "sleep"
[[port]]
name = "uplink"
device = "eth1"
driver = "af_xdp"
queues = 2
mac = "02:00:00:00:00:99"
mtu = 9000
addresses = ["10.0.0.1/24"]
vlan = 100
outer_vlan = 200
tunnel_source = ["10.99.0.0/16"]
[[port]]
name = "inside"
device = "0000:01:00.0"
driver = "pci"
queues = 4
)" + kPool + kService);
}

TEST(Replay, RunsOneWorkerWithoutHugepagesOrKernelInterfaces) {
    const Config config = for_replay(two_ports(), "in.pcap", "out.pcap");
    EXPECT_EQ(config.dataplane.workers, 1u);
    EXPECT_TRUE(config.dataplane.lcores.empty());
    EXPECT_EQ(config.dataplane.idle, abi::Idle::kSpin);
    EXPECT_EQ(config.dataplane.memory, abi::Memory::kNormal);
    EXPECT_EQ(two_ports().ports[1].kernel_interface, "inside");
    for (const Port& port : config.ports) {
        EXPECT_EQ(port.kernel_interface, "");
        EXPECT_EQ(port.driver, abi::Driver::kPcap);
        EXPECT_EQ(port.queues, 1u);
    }
}

TEST(Replay, LimitsNewFlowsOnlyIfConfigured) {
    Config config = two_ports();
    EXPECT_EQ(for_replay(config, "in.pcap", "out.pcap").dataplane.new_flows_per_s, 0u);
    config.dataplane.new_flows_per_s = 5;
    EXPECT_EQ(for_replay(config, "in.pcap", "out.pcap").dataplane.new_flows_per_s, 5u);
}

TEST(Replay, HasAFixedKeyUnlessThereIsASeed) {
    Config config = two_ports();
    EXPECT_EQ(for_replay(config, "in.pcap", "out.pcap").gateway.key, kReplayKey);
    config.gateway.key = abi::HashKey{{3, 4}};
    EXPECT_EQ(for_replay(config, "in.pcap", "out.pcap").gateway.key, (abi::HashKey{{3, 4}}));
}

TEST(Replay, ReadsTheInputAtTheFirstPortOnly) {
    const Config config = for_replay(two_ports(), "in.pcap", "dir.d/out.pcap");
    EXPECT_EQ(config.ports[0].device, "in.pcap");
    EXPECT_EQ(config.ports[0].output, "dir.d/out.pcap");
    EXPECT_EQ(config.ports[1].device, "");
    EXPECT_EQ(config.ports[1].output, "dir.d/out.inside.pcap");
}

TEST(Replay, NamesFurtherOutputsThatHaveNoSuffix) {
    EXPECT_EQ(for_replay(two_ports(), "in", "dir.d/out").ports[1].output, "dir.d/out.inside");
}

TEST(Replay, KeepsWhatIsConfigured) {
    const Config config = for_replay(two_ports(), "in.pcap", "out.pcap");
    EXPECT_EQ(to_string(*config.ports[0].mac), "02:00:00:00:00:99");
    EXPECT_EQ(config.ports[0].mtu, 9000u);
    EXPECT_EQ(config.ports[0].addresses.size(), 1u);
    EXPECT_EQ(config.ports[0].vlan, 100);
    EXPECT_EQ(config.ports[0].outer_vlan, 200);
    EXPECT_EQ(config.ports[0].tunnel_sources.size(), 1u);
    EXPECT_EQ(config.services.size(), 1u);
}

TEST(Replay, SetsTheMacAndMtuThatADeviceWouldHave) {
    const Config config = for_replay(two_ports(), "in.pcap", "out.pcap");
    EXPECT_EQ(to_string(*config.ports[1].mac), "02:00:00:00:00:02");
    EXPECT_EQ(config.ports[1].mtu, 1500u);
    EXPECT_TRUE(config.ports[1].addresses.empty());
}

}  // namespace
}  // namespace vipfwd::config::testing
