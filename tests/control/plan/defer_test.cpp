// SPDX-License-Identifier: Apache-2.0
#include "control/plan/defer.h"

#include <gtest/gtest.h>

#include "control/table/boot_parameters.h"
#include "tests/control/table/sample.h"

namespace vipfwd::plan {
namespace {

using config::Config;
using table::sample::group;
using table::sample::ip;

std::vector<std::string> port_names(const Config& config) {
    std::vector<std::string> names;
    for (const config::Port& port : config.ports)
        names.push_back(port.name);
    return names;
}

config::Port port(const std::string& name, const std::string& device) {
    config::Port made;
    made.name = name;
    made.device = device;
    return made;
}

// Port "uplink" on eth1; group "edge" there, with the VIP of service "web"; "db" is always owned.
Config running() {
    Config config = table::sample::config();
    config.groups = {group("edge", {ip("10.0.0.100")})};
    config.services[1].always_owned = true;
    return config;
}

TEST(Defer, WithoutOtherPortsEverythingTakesEffect) {
    Config wanted = running();
    wanted.groups[0].priority = 200;
    wanted.ports[0].vlan = 7;
    wanted.pools.pop_back();
    wanted.services.pop_back();
    const Config config = defer(wanted, running());
    EXPECT_EQ(config.groups[0].priority, 200u);
    EXPECT_EQ(config.ports[0].vlan, 7);
    EXPECT_EQ(config.pools.size(), 1u);
    EXPECT_TRUE(config.unowned_vips.empty());
    EXPECT_FALSE(needs_start(wanted, running()));
}

TEST(Defer, WorkersAndMemoryWait) {
    Config wanted = running();
    wanted.dataplane.workers = 2;
    wanted.dataplane.flows_per_worker = 4096;
    wanted.dataplane.idle = abi::Idle::kSleep;
    wanted.dataplane.new_flows_per_s = 7;
    const Config config = defer(wanted, running());
    EXPECT_EQ(config.dataplane.workers, 1u);
    EXPECT_EQ(config.dataplane.flows_per_worker, running().dataplane.flows_per_worker);
    EXPECT_EQ(config.dataplane.idle, abi::Idle::kSpin);
    EXPECT_EQ(config.dataplane.new_flows_per_s, 7u) << "this needs no start";
    EXPECT_TRUE(needs_start(wanted, running()));
    EXPECT_FALSE(needs_start(config, running()));
}

TEST(Defer, AGroupKeepsThePortThatIsRenamedAndItsSettings) {
    Config wanted = running();
    wanted.ports[0].name = wanted.groups[0].port = "wan";
    wanted.groups[0].priority = 200;
    const Config config = defer(wanted, running());
    EXPECT_EQ(port_names(config), std::vector<std::string>{"uplink"});
    ASSERT_EQ(config.groups.size(), 1u);
    EXPECT_EQ(config.groups[0].port, "uplink");
    EXPECT_EQ(config.groups[0].priority, 100u);
    EXPECT_TRUE(config.unowned_vips.empty());
}

// Each way to change a port that the dataplane has open.
TEST(Defer, APortStaysAsAWholeIfAnyOfItNeedsAStart) {
    using Edit = void (*)(config::Port&);
    const Edit edits[] = {[](config::Port& one) { one.device = "eth9"; },
                          [](config::Port& one) { one.driver = abi::Driver::kAfPacket; },
                          [](config::Port& one) { one.queues = 4; },
                          [](config::Port& one) { one.mtu = 9000; },
                          [](config::Port& one) {
                              one.mac = MacAddress{{2, 0, 0, 0, 0, 9}};
                          },
                          [](config::Port& one) { one.kernel_interface = "tap0"; }};
    for (const Edit edit : edits) {
        Config wanted = running();
        edit(wanted.ports[0]);
        wanted.ports[0].vlan = 7;
        wanted.groups[0].kernel_address = true;
        const Config config = defer(wanted, running());
        EXPECT_FALSE(needs_start(config, running()));
        EXPECT_EQ(config.ports[0].vlan, 0);
        EXPECT_FALSE(config.groups[0].kernel_address) << "the group waits with its port";
    }
}

TEST(Defer, NobodyOwnsTheVipsOfAGroupOnANewPort) {
    Config wanted = running();
    wanted.ports.push_back(port("inner", "eth2"));
    wanted.groups.push_back(group("inner", {ip("10.0.0.101"), ip("10.0.0.102")}));
    wanted.groups[1].port = "inner";
    wanted.services[1].always_owned = false;
    const Config config = defer(wanted, running());
    EXPECT_EQ(port_names(config), std::vector<std::string>{"uplink"});
    ASSERT_EQ(config.groups.size(), 1u);
    EXPECT_EQ(config.unowned_vips, (std::vector<IpAddress>{ip("10.0.0.101"), ip("10.0.0.102")}));
}

TEST(Defer, AVipStaysInItsGroupIfItMovesToOneThatWaits) {
    Config wanted = running();
    wanted.ports.push_back(port("inner", "eth2"));
    wanted.groups = {group("inner", {ip("10.0.0.100")})};
    wanted.groups[0].port = "inner";
    const Config config = defer(wanted, running());
    ASSERT_EQ(config.groups.size(), 1u);
    EXPECT_EQ(config.groups[0].name, "edge");
    EXPECT_TRUE(config.unowned_vips.empty());
}

TEST(Defer, GroupsWaitForPortsThatTheyTrack) {
    Config wanted = running();
    wanted.ports.push_back(port("inner", "eth2"));
    config::Track track;
    track.port = "inner";
    wanted.groups[0].tracks = {track};
    EXPECT_TRUE(defer(wanted, running()).groups[0].tracks.empty());
}

TEST(Defer, ARemovedGroupGoesAtOnceAndItsPortStaysOpen) {
    Config before = running();
    before.ports.push_back(port("inner", "eth2"));
    before.groups.push_back(group("inner", {ip("10.0.0.102")}));
    before.groups[1].port = "inner";
    const Config config = defer(running(), before);
    EXPECT_EQ(config.groups.size(), 1u);
    EXPECT_EQ(port_names(config), (std::vector<std::string>{"uplink", "inner"}));
}

TEST(Defer, ANeighborBehindAPortThatWaitsStaysAsItWasOrOut) {
    Config before = running();
    before.neighbors = {{ip("10.0.0.11"), MacAddress{{2, 0, 0, 0, 0, 1}}, "uplink", {}}};
    Config wanted = before;
    wanted.ports[0].name = wanted.groups[0].port = "wan";
    wanted.neighbors = {{ip("10.0.0.11"), MacAddress{{2, 0, 0, 0, 0, 2}}, "wan", {}},
                        {ip("10.0.0.12"), MacAddress{{2, 0, 0, 0, 0, 3}}, "wan", {}},
                        {ip("10.0.0.13"), MacAddress{{2, 0, 0, 0, 0, 4}}, "", {}}};
    const Config config = defer(wanted, before);
    ASSERT_EQ(config.neighbors.size(), 2u);
    EXPECT_EQ(config.neighbors[0].port, "uplink");
    EXPECT_EQ(config.neighbors[0].mac.bytes[5], 1);
    EXPECT_EQ(config.neighbors[1].address, ip("10.0.0.13"));
}

TEST(Recover, AnUnchangedConfigurationIsRecoveredAsItIs) {
    const Config wanted = running();
    const Config config = recover(wanted, table::boot_parameters(wanted));
    EXPECT_FALSE(needs_start(wanted, config));
    EXPECT_EQ(config.groups.size(), 1u);
    EXPECT_TRUE(config.unowned_vips.empty());
    EXPECT_EQ(config.dataplane.lcores, wanted.dataplane.lcores);
}

TEST(Recover, APortIsRecognizedByItsDeviceAndItsGroupFollows) {
    Config wanted = running();
    wanted.ports[0].name = wanted.groups[0].port = "wan";
    wanted.ports[0].vlan = 7;
    const Config config = recover(wanted, table::boot_parameters(running()));
    EXPECT_EQ(port_names(config), std::vector<std::string>{"uplink"});
    EXPECT_EQ(config.ports[0].vlan, 7) << "what needs no start is as wanted";
    ASSERT_EQ(config.groups.size(), 1u);
    EXPECT_EQ(config.groups[0].port, "uplink");
    EXPECT_FALSE(needs_start(config, running()));
}

TEST(Recover, APortOfAnotherDeviceIsRecognizedByItsName) {
    Config wanted = running();
    wanted.ports[0].device = "eth9";
    const Config config = recover(wanted, table::boot_parameters(running()));
    EXPECT_EQ(config.ports[0].device, "eth1");
    EXPECT_EQ(config.groups.size(), 1u);
}

TEST(Recover, NobodyOwnsTheVipsOfGroupsWhosePortsDoNotRun) {
    Config wanted = running();
    wanted.ports = {port("wan", "eth9")};
    wanted.groups[0].port = "wan";
    const Config config = recover(wanted, table::boot_parameters(running()));
    EXPECT_EQ(port_names(config), std::vector<std::string>{"uplink"});
    EXPECT_TRUE(config.groups.empty());
    EXPECT_EQ(config.unowned_vips, std::vector<IpAddress>{ip("10.0.0.100")});
    EXPECT_EQ(defer(wanted, config).unowned_vips, std::vector<IpAddress>{ip("10.0.0.100")});
}

TEST(Recover, SwappedNamesAreSwappedBack) {
    Config before = running();
    before.ports = {port("a", "eth1"), port("b", "eth2")};
    before.groups[0].port = "a";
    Config wanted = before;
    wanted.ports = {port("a", "eth2"), port("b", "eth1")};
    wanted.groups[0].port = "b";
    const Config config = recover(wanted, table::boot_parameters(before));
    EXPECT_EQ(config.groups[0].port, "a");
    EXPECT_FALSE(needs_start(config, before));
}

}  // namespace
}  // namespace vipfwd::plan
