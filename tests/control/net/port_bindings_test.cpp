// SPDX-License-Identifier: Apache-2.0
#include "control/net/port_bindings.h"

#include <gtest/gtest.h>

#include "tests/control/net/sample_network.h"

namespace vipfwd::net {
namespace {

class PortBindingsTest : public testing::Test {
  protected:
    PortBindingsTest() {
        config_.ports = {port("uplink", "eth1"), port("capture", "in.pcap", abi::Driver::kPcap)};
    }
    // The bindings for the configuration and interfaces above.
    const PortBindings& bound() {
        bindings_.configure(config_, interfaces_);
        return bindings_;
    }

    config::Config config_;
    InterfaceTable interfaces_;
    PortBindings bindings_;
};

TEST_F(PortBindingsTest, APortWithoutItsInterfaceHasNoFacts) {
    const PortFacts facts = bound().facts().at(0);
    EXPECT_TRUE(facts.source_v4.is_none());
    EXPECT_TRUE(facts.source_v6.is_none());
    EXPECT_EQ(facts.mtu, 0u);
    EXPECT_EQ(bindings_.missing_interfaces(), std::vector<std::string>{"eth1"});
}

TEST_F(PortBindingsTest, ThePrimaryAddressesAndMtuOfTheInterfaceArePortFacts) {
    interfaces_.apply(link(7, "eth1", 1600));
    interfaces_.apply(address(7, "10.0.0.9/24", false));
    interfaces_.apply(address(7, "10.0.0.5/24"));
    interfaces_.apply(address(7, "10.0.0.1/24"));
    interfaces_.apply(address(7, "fe80::1/64", false));
    interfaces_.apply(address(7, "fd00::5/64"));
    interfaces_.apply(address(7, "fd00::1/64"));
    const PortFacts facts = bound().facts().at(0);
    EXPECT_EQ(facts.source_v4, ip("10.0.0.5")) << "the first";
    EXPECT_EQ(facts.source_v6, ip("fd00::1")) << "the lowest";
    EXPECT_EQ(facts.mtu, 1600u);
    EXPECT_TRUE(bindings_.missing_interfaces().empty());
}

TEST_F(PortBindingsTest, ConfiguredAddressesAndMtuTakePrecedencePerFamily) {
    config_.ports[0].addresses = {network("192.0.2.1/24"), network("192.0.2.2/24")};
    config_.ports[0].mtu = 9000;
    interfaces_.apply(link(7, "eth1"));
    interfaces_.apply(address(7, "10.0.0.5/24"));
    interfaces_.apply(address(7, "fd00::1/64"));
    const PortFacts facts = bound().facts().at(0);
    EXPECT_EQ(facts.source_v4, ip("192.0.2.1"));
    EXPECT_EQ(facts.source_v6, ip("fd00::1"));
    EXPECT_EQ(facts.mtu, 9000u);
}

// Not even if it is a VIP that is no longer configured.
TEST_F(PortBindingsTest, AManagedAddressIsNeverAPortsOwnAddress) {
    const auto managed = [](std::string_view text) {
        AddressMessage message = address(7, text);
        message.managed = true;
        return message;
    };
    interfaces_.apply(link(7, "eth1"));
    interfaces_.apply(managed("10.0.0.100/32"));
    interfaces_.apply(managed("fd00::100/128"));
    interfaces_.apply(managed("fe80::100/128"));
    interfaces_.apply(address(7, "10.0.0.101/24"));
    interfaces_.apply(address(7, "fd00::101/64"));
    interfaces_.apply(address(7, "fe80::101/64", false));
    const PortFacts facts = bound().facts().at(0);
    EXPECT_EQ(facts.source_v4, ip("10.0.0.101"));
    EXPECT_EQ(facts.own_v4, ip("10.0.0.101"));
    EXPECT_EQ(facts.source_v6, ip("fd00::101"));
    EXPECT_EQ(facts.own_v6, ip("fd00::101"));
    EXPECT_EQ(facts.link_local, ip("fe80::101"));
}

TEST_F(PortBindingsTest, AVipIsNeverTheLinkLocalAddress) {
    config_.groups.emplace_back().vips = {ip("fe80::100")};
    interfaces_.apply(link(7, "eth1"));
    interfaces_.apply(address(7, "fe80::100/128", false));
    EXPECT_TRUE(bound().facts().at(0).link_local.is_none());
    interfaces_.apply(address(7, "fe80::1/64", false));
    bindings_.update(interfaces_);
    EXPECT_EQ(bindings_.facts().at(0).link_local, ip("fe80::1"));
}

TEST_F(PortBindingsTest, AVipIsNeverASource) {
    config_.groups.emplace_back().vips = {ip("10.0.0.100")};
    config_.services.emplace_back().vip = ip("fd00::100");
    interfaces_.apply(link(7, "eth1"));
    interfaces_.apply(address(7, "10.0.0.100/24"));
    interfaces_.apply(address(7, "10.0.0.1/24"));
    interfaces_.apply(address(7, "fd00::100/64"));
    const PortFacts facts = bound().facts().at(0);
    EXPECT_EQ(facts.source_v4, ip("10.0.0.1"));
    EXPECT_TRUE(facts.source_v6.is_none());
}

TEST_F(PortBindingsTest, APortWithoutKernelInterfaceIgnoresAnInterfaceOfItsDevicesName) {
    interfaces_.apply(link(8, "in.pcap"));
    interfaces_.apply(address(8, "10.0.0.1/24"));
    EXPECT_TRUE(bound().facts().at(1).source_v4.is_none());
    EXPECT_EQ(bindings_.port_of(8), std::nullopt);
}

TEST_F(PortBindingsTest, ALinkIsUpIfItIsAdministrativelyUpAndHasACarrier) {
    const auto link_up = [this](bool up, bool running) {
        LinkMessage message = link(7, "eth1");
        message.up = up;
        message.running = running;
        interfaces_.apply(message);
        bindings_.update(interfaces_);
        return bindings_.link_up(0);
    };
    EXPECT_EQ(bound().link_up(0), false) << "there is no such interface";
    EXPECT_EQ(link_up(true, true), true);
    EXPECT_EQ(link_up(true, false), false);
    EXPECT_EQ(link_up(false, false), false);
    EXPECT_EQ(link_up(true, true), true);
    EXPECT_EQ(bindings_.link_up(1), std::nullopt) << "not a device of the kernel";
}

TEST_F(PortBindingsTest, OnlyRelevantUpdatesAreChanges) {
    bound();
    interfaces_.apply(link(7, "eth1"));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(7), 0);
    EXPECT_FALSE(bindings_.update(interfaces_));
    interfaces_.apply(address(7, "10.0.0.1/24"));
    EXPECT_TRUE(bindings_.update(interfaces_));
    interfaces_.apply(address(7, "10.0.0.2/24", false));
    interfaces_.apply(link(8, "eth2"));
    EXPECT_FALSE(bindings_.update(interfaces_));
    interfaces_.apply(link(7, "eth1", 1400));
    EXPECT_TRUE(bindings_.update(interfaces_));
    LinkMessage gone = link(7, "eth1");
    gone.removed = true;
    interfaces_.apply(gone);
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(7), std::nullopt);
}

TEST_F(PortBindingsTest, ARenamedInterfaceIsBoundToThePortOfItsNewName) {
    interfaces_.apply(link(7, "eth9"));
    bound();
    EXPECT_EQ(bindings_.port_of(7), std::nullopt);
    interfaces_.apply(link(7, "eth1"));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(7), 0);
}

TEST_F(PortBindingsTest, AStaticNeighborIsAtItsPortElseInItsNetworkElseAtTheFirstPort) {
    config_.ports[1].addresses = {network("10.0.1.1/24")};
    config_.neighbors = {neighbor("10.0.1.5", "02:00:00:00:00:05", "uplink"),
                         neighbor("10.0.1.6", "02:00:00:00:00:06"),
                         neighbor("10.9.9.9", "02:00:00:00:00:09")};
    EXPECT_EQ(bound().static_hop(ip("10.0.1.5"))->port, 0);
    EXPECT_EQ(bindings_.static_hop(ip("10.0.1.6"))->port, 1);
    EXPECT_EQ(bindings_.static_hop(ip("10.9.9.9"))->port, 0);
    EXPECT_EQ(bindings_.static_hop(ip("10.9.9.9"))->mac, mac("02:00:00:00:00:09"));
    EXPECT_EQ(bindings_.static_hop(ip("10.0.1.7")), std::nullopt);
}

TEST_F(PortBindingsTest, AStaticNeighborMovesToThePortWhoseInterfaceGetsItsNetwork) {
    config_.ports.push_back(port("second", "eth2"));
    config_.neighbors = {neighbor("10.0.2.5", "02:00:00:00:00:05")};
    EXPECT_EQ(bound().static_hop(ip("10.0.2.5"))->port, 0);
    interfaces_.apply(link(8, "eth2"));
    bindings_.update(interfaces_);
    interfaces_.apply(address(8, "10.0.2.1/24", false));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.static_hop(ip("10.0.2.5"))->port, 2);
}

TEST_F(PortBindingsTest, ATunnelSourceTakesPrecedenceOverAddressesPerFamily) {
    config_.ports[0].addresses = {network("192.0.2.1/24")};
    config_.ports[0].tunnel_sources = {network("10.99.0.0/16")};
    interfaces_.apply(link(7, "eth1"));
    interfaces_.apply(address(7, "fd00::1/64"));
    PortFacts facts = bound().facts().at(0);
    EXPECT_EQ(facts.source_v4, ip("10.99.0.0"));
    EXPECT_EQ(facts.source_v4_bits, 16);
    EXPECT_EQ(facts.source_v6, ip("fd00::1"));
    EXPECT_EQ(facts.source_v6_bits, 0);
    config_.ports[0].tunnel_sources = {network("fd00:1::/96"), network("10.99.0.1/32")};
    facts = bound().facts().at(0);
    EXPECT_EQ(facts.source_v6, ip("fd00:1::"));
    EXPECT_EQ(facts.source_v6_bits, 32);
    EXPECT_EQ(facts.source_v4, ip("10.99.0.1"));
    EXPECT_EQ(facts.source_v4_bits, 0);
}

TEST_F(PortBindingsTest, ATapIsThePortsInterfaceWhileItExists) {
    config_.ports[1] = port("nic", "0000:01:00.0", abi::Driver::kPci);
    config_.ports[1].kernel_interface = "tap0";
    interfaces_.apply(link(7, "eth1"));
    EXPECT_TRUE(bound().missing_interfaces().empty()) << "the dataplane creates it";
    EXPECT_TRUE(bindings_.any_kernel_interface());
    EXPECT_FALSE(bindings_.needs_static_neighbor(ip("10.0.1.5")));
    interfaces_.apply(link(9, "tap0", 9000));
    interfaces_.apply(address(9, "10.0.1.1/24"));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(9), 1);
    EXPECT_EQ(bindings_.facts().at(1).source_v4, ip("10.0.1.1"));
    EXPECT_EQ(bindings_.facts().at(1).mtu, 9000u);
    LinkMessage gone = link(9, "tap0");
    gone.removed = true;
    interfaces_.apply(gone);
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(9), std::nullopt);
    EXPECT_TRUE(bindings_.missing_interfaces().empty());
}

TEST_F(PortBindingsTest, AVlansPortHasTheSubInterfacesAddressesAndTheBasesMtu) {
    config_.ports[0].vlan = 100;
    interfaces_.apply(link(7, "eth1", 9000));
    interfaces_.apply(address(7, "192.0.2.1/24"));
    EXPECT_TRUE(bound().facts().at(0).source_v4.is_none())
        << "the addresses of the untagged network";
    EXPECT_EQ(bindings_.facts().at(0).vlan, 100);
    EXPECT_EQ(bindings_.port_of(7), std::nullopt);
    EXPECT_EQ(bindings_.missing_interfaces(), std::vector<std::string>{"of VLAN 100 on eth1"});
    interfaces_.apply(vlan_link(8, "eth1.100", 7, 100));
    interfaces_.apply(vlan_link(9, "eth1.101", 7, 101));
    interfaces_.apply(vlan_link(10, "eth2.100", 6, 100));
    interfaces_.apply(vlan_link(11, "other", 7, 100, ETH_P_8021AD));
    interfaces_.apply(address(8, "10.0.0.1/24"));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(8), 0);
    EXPECT_EQ(bindings_.facts().at(0).source_v4, ip("10.0.0.1"));
    EXPECT_EQ(bindings_.facts().at(0).mtu, 9000u);
    EXPECT_TRUE(bindings_.missing_interfaces().empty());
}

TEST_F(PortBindingsTest, AVlanInAVlanIsFoundFromTheOutside) {
    config_.ports[0].vlan = 100;
    config_.ports[0].outer_vlan = 200;
    interfaces_.apply(link(7, "eth1"));
    interfaces_.apply(vlan_link(8, "in-plain", 7, 100));
    interfaces_.apply(vlan_link(9, "outer", 7, 200, ETH_P_8021AD));
    EXPECT_TRUE(bound().missing_interfaces() ==
                std::vector<std::string>{"of VLAN 100 in VLAN 200 on eth1"});
    EXPECT_EQ(bindings_.port_of(8), std::nullopt);
    interfaces_.apply(vlan_link(10, "inner", 9, 100));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(10), 0);
    EXPECT_EQ(bindings_.facts().at(0).outer_vlan, 200);
    // A sub-interface whose tag changes is no longer the port's.
    interfaces_.apply(vlan_link(9, "outer", 7, 201, ETH_P_8021AD));
    EXPECT_TRUE(bindings_.update(interfaces_));
    EXPECT_EQ(bindings_.port_of(10), std::nullopt);
}

TEST_F(PortBindingsTest, AVlanWithoutItsBaseIsBoundToNoPort) {
    config_.ports[0].vlan = 100;
    interfaces_.apply(vlan_link(8, "moved-here", 0, 100));
    EXPECT_EQ(bound().port_of(8), std::nullopt);
    EXPECT_EQ(bindings_.missing_interfaces(), std::vector<std::string>{"eth1"});
}

TEST_F(PortBindingsTest, AnAddressBehindAPortWithoutKernelInterfaceNeedsAStaticNeighbor) {
    config_.ports[0].addresses = {network("10.0.0.1/24")};
    config_.ports[1].addresses = {network("10.0.1.1/24")};
    EXPECT_FALSE(bound().needs_static_neighbor(ip("10.0.0.5")));
    EXPECT_TRUE(bindings_.needs_static_neighbor(ip("10.0.1.5")));
}

}  // namespace
}  // namespace vipfwd::net
