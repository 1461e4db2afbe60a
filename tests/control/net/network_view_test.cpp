// SPDX-License-Identifier: Apache-2.0
#include "control/net/network_view.h"

#include <gtest/gtest.h>

#include "tests/control/net/sample_network.h"

namespace vipfwd::net {
namespace {

constexpr std::int64_t kNow_ms = 1'000'000;
const char* const kPeerMacText = "02:00:00:00:00:11";
const char* const kOtherMacText = "02:00:00:00:00:22";

// One port, eth1 (interface 7), and one backend, unless a test adds more.
class NetworkViewTest : public testing::Test {
  protected:
    NetworkViewTest() {
        config_.ports = {port("uplink", "eth1")};
        add_backend(config_, kBackend);
    }
    template <typename Body>
    void apply(Body body) {
        view_.apply({.sequence = 0, .interrupted = false, .body = std::move(body)}, kNow_ms);
        view_.refresh();
    }
    void configure_with_interface() {
        apply(link(7, "eth1"));
        apply(link(1, "lo"));
        view_.configure(config_);
        view_.take_changed();
    }
    // Answers every due route with `route`. Returns their number.
    std::size_t answer_all(const std::optional<RouteMessage>& route) {
        const std::vector<IpAddress> due = view_.take_routes_due(1'000'000);
        for (const IpAddress& address : due)
            view_.apply_route(address, route, kNow_ms);
        return due.size();
    }
    std::vector<NeighborKey> due_neighbors() { return view_.take_neighbors_due(kNow_ms, 1000); }

    config::Config config_;
    NetworkView view_;
};

TEST_F(NetworkViewTest, ABackendOnLinkIsReachedByItsNeighborEntry) {
    configure_with_interface();
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kResolving);
    EXPECT_EQ(answer_all(route_via(7)), 1u);
    EXPECT_TRUE(view_.routes_known());
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kResolving);
    EXPECT_EQ(due_neighbors(), (std::vector{NeighborKey{7, kBackend}}));
    EXPECT_FALSE(view_.take_changed());

    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    EXPECT_TRUE(view_.take_changed());
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kReachable);
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kPeerMacText), 0}));
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText, NUD_STALE));
    EXPECT_FALSE(view_.take_changed()) << "the next hop is the same";
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kStale);
}

TEST_F(NetworkViewTest, AManagedAddressDoesNotChangeTheFacts) {
    configure_with_interface();
    answer_all(route_via(7));
    EXPECT_EQ(view_.managed_addresses(), std::nullopt) << "no dump of addresses is complete yet";
    view_.begin_dump(Dump::kAddresses);
    view_.end_dump(Dump::kAddresses, kNow_ms);
    EXPECT_TRUE(view_.take_managed_changed());
    AddressMessage managed = address(7, "10.0.0.100/32");
    managed.managed = true;
    apply(managed);
    apply(address(1, "127.0.0.1/8"));
    answer_all(route_via(7));
    EXPECT_TRUE(view_.take_managed_changed());
    EXPECT_EQ(view_.managed_addresses(), (std::vector<ManagedAddress>{{"eth1", ip("10.0.0.100")}}));

    managed.removed = true;
    apply(managed);
    EXPECT_TRUE(view_.take_managed_changed());
    EXPECT_FALSE(view_.take_managed_changed());
    EXPECT_TRUE(view_.managed_addresses()->empty());
    EXPECT_FALSE(view_.routes_due());
    EXPECT_FALSE(view_.take_changed());
}

// Otherwise control might remove an address that another gateway on this machine left behind.
TEST_F(NetworkViewTest, ManagedAddressesAreListedOnPortsOnly) {
    configure_with_interface();
    apply(link(8, "eth2"));
    AddressMessage managed = address(8, "10.0.0.100/32");
    managed.managed = true;
    apply(managed);
    view_.begin_dump(Dump::kAddresses);
    apply(managed);
    view_.end_dump(Dump::kAddresses, kNow_ms);
    ASSERT_TRUE(view_.managed_addresses());
    EXPECT_TRUE(view_.managed_addresses()->empty());
}

TEST_F(NetworkViewTest, AnEntryOnAnotherInterfaceIsAnotherNeighbor) {
    configure_with_interface();
    answer_all(route_via(7));
    apply(neighbor_entry(8, "10.0.0.11", kPeerMacText));
    EXPECT_EQ(view_.hop(kBackend).hop, std::nullopt);
}

TEST_F(NetworkViewTest, BackendsBehindAGatewayShareItsNeighborEntry) {
    add_backend(config_, ip("10.9.0.1"));
    add_backend(config_, ip("10.9.0.2"));
    configure_with_interface();
    apply(neighbor_entry(7, "10.0.0.254", kPeerMacText));
    answer_all(route_via(7, "10.0.0.254"));
    EXPECT_TRUE(view_.take_changed());
    EXPECT_EQ(view_.hop(ip("10.9.0.1")).hop, (NextHop{mac(kPeerMacText), 0}));
    EXPECT_EQ(view_.hop(ip("10.9.0.2")).hop, (NextHop{mac(kPeerMacText), 0}));
    EXPECT_TRUE(due_neighbors().empty());
}

TEST_F(NetworkViewTest, AnIpv6BackendMayBeBehindALinkLocalGateway) {
    const IpAddress far = ip("fd00:9::1");
    add_backend(config_, far);
    config_.ports.push_back(port("other", "eth2"));
    apply(link(8, "eth2"));
    configure_with_interface();
    apply(neighbor_entry(7, "fe80::1", kOtherMacText));
    apply(neighbor_entry(8, "fe80::1", kPeerMacText));
    view_.take_routes_due(10);
    view_.apply_route(kBackend, std::nullopt, kNow_ms);
    view_.apply_route(far, route_via(8, "fe80::1"), kNow_ms);
    EXPECT_EQ(view_.hop(far).hop, (NextHop{mac(kPeerMacText), 1})) << "of the route's link";
    view_.apply_route(far, route_via(7, "fe80::1"), kNow_ms);
    EXPECT_EQ(view_.hop(far).hop, (NextHop{mac(kOtherMacText), 0}));
}

TEST_F(NetworkViewTest, ABackendBehindATapIsFoundOnceTheTapAppears) {
    config_.ports = {port("nic", "0000:01:00.0", abi::Driver::kPci)};
    config_.ports[0].addresses = {network("10.0.0.1/24")};
    config_.ports[0].kernel_interface = "nic";
    config_.neighbors = {neighbor("10.0.0.12", kOtherMacText)};
    add_backend(config_, ip("10.0.0.12"));
    view_.configure(config_);
    EXPECT_EQ(answer_all(std::nullopt), 1u);
    EXPECT_TRUE(view_.routes_known()) << "the dataplane can start";
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNoRoute);
    EXPECT_EQ(view_.hop(ip("10.0.0.12")).state, HopState::kStatic);
    apply(link(9, "nic"));
    EXPECT_EQ(answer_all(route_via(9)), 1u);
    apply(neighbor_entry(9, "10.0.0.11", kPeerMacText));
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kPeerMacText), 0}));
}

TEST_F(NetworkViewTest, AVlansBackendIsFoundByItsSubInterface) {
    config_.ports[0].vlan = 100;
    configure_with_interface();
    answer_all(route_via(7));
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNotViaPort) << "untagged";
    apply(vlan_link(8, "eth1.100", 7, 100));
    EXPECT_EQ(answer_all(route_via(8)), 1u);
    apply(neighbor_entry(8, "10.0.0.11", kPeerMacText));
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kPeerMacText), 0}));
}

TEST_F(NetworkViewTest, AStaticNeighborTakesPrecedenceAndItsRouteIsNotRequested) {
    config_.neighbors = {neighbor("10.0.0.11", kOtherMacText)};
    configure_with_interface();
    EXPECT_FALSE(view_.routes_due());
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kOtherMacText), 0}));
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kStatic);
}

TEST_F(NetworkViewTest, AGatewayMayBeAStaticNeighbor) {
    config_.neighbors = {neighbor("10.0.0.254", kOtherMacText)};
    configure_with_interface();
    answer_all(route_via(7, "10.0.0.254"));
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kOtherMacText), 0}));
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kStatic);
    EXPECT_TRUE(due_neighbors().empty());
}

TEST_F(NetworkViewTest, WithoutAUsableRouteThereIsNoNextHopAndNoProbe) {
    configure_with_interface();
    answer_all(std::nullopt);
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNoRoute);
    RouteMessage refused = route_via(7);
    refused.kind = RouteMessage::Kind::kRefused;
    view_.apply_route(kBackend, refused, kNow_ms);
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNoRoute);
    view_.apply_route(kBackend, route_via(1), kNow_ms);
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNotViaPort);
    RouteMessage local = route_via(7);
    local.kind = RouteMessage::Kind::kLocal;
    view_.apply_route(kBackend, local, kNow_ms);
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kOwnAddress);
    EXPECT_TRUE(due_neighbors().empty());
    EXPECT_FALSE(view_.take_changed());
}

TEST_F(NetworkViewTest, ALostNeighborKeepsItsMacWhileItIsProbed) {
    configure_with_interface();
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    answer_all(route_via(7));
    view_.take_changed();
    NeighborMessage gone = neighbor_entry(7, "10.0.0.11", kPeerMacText);
    gone.removed = true;
    apply(gone);
    EXPECT_FALSE(view_.take_changed());
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kLost);
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kPeerMacText), 0}));
    EXPECT_EQ(due_neighbors().size(), 1u);
}

TEST_F(NetworkViewTest, ARouteThatMovesToAnotherGatewayChangesTheNextHop) {
    configure_with_interface();
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    apply(neighbor_entry(7, "10.0.0.254", kOtherMacText));
    answer_all(route_via(7));
    view_.take_changed();
    apply(RouteMessage{.first = kBackend, .last = kBackend, .gateway = {}});
    EXPECT_TRUE(view_.routes_due());
    EXPECT_TRUE(view_.routes_known()) << "the old route stays in use meanwhile";
    EXPECT_EQ(view_.hop(kBackend).hop->mac, mac(kPeerMacText));
    answer_all(route_via(7, "10.0.0.254"));
    EXPECT_TRUE(view_.take_changed());
    EXPECT_EQ(view_.hop(kBackend).hop->mac, mac(kOtherMacText));
    answer_all(route_via(7, "10.0.0.254"));
    EXPECT_FALSE(view_.take_changed());
}

TEST_F(NetworkViewTest, AnInterfaceThatComesUpOrGoesDownMakesAllRoutesDue) {
    configure_with_interface();
    answer_all(route_via(7));
    EXPECT_FALSE(view_.routes_due());
    LinkMessage down = link(7, "eth1");
    down.up = false;
    apply(down);
    EXPECT_TRUE(view_.routes_due());
    answer_all(std::nullopt);
    apply(link(7, "eth1"));
    EXPECT_TRUE(view_.routes_due());
}

TEST_F(NetworkViewTest, ANextHopIsLostWithItsInterfaceAtOnce) {
    configure_with_interface();
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    answer_all(route_via(7));
    view_.take_changed();
    LinkMessage gone = link(7, "eth1");
    gone.removed = true;
    apply(gone);
    EXPECT_TRUE(view_.take_changed());
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNotViaPort);
}

TEST_F(NetworkViewTest, ANewConfigurationKeepsKnownNextHops) {
    configure_with_interface();
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    answer_all(route_via(7));
    config_.ports.insert(config_.ports.begin(), port("other", "eth2"));
    add_backend(config_, ip("10.0.0.12"));
    view_.configure(config_);
    EXPECT_EQ(view_.hop(kBackend).hop, (NextHop{mac(kPeerMacText), 1})) << "now the second port";
    EXPECT_EQ(view_.hop(ip("10.0.0.12")).state, HopState::kResolving);
    EXPECT_FALSE(view_.routes_known());
    EXPECT_EQ(answer_all(route_via(7)), 2u);
    EXPECT_TRUE(view_.routes_known());
}

TEST_F(NetworkViewTest, ABackendThatIsNoLongerConfiguredIsUntracked) {
    configure_with_interface();
    answer_all(route_via(7));
    config_.pools.clear();
    view_.configure(config_);
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kUntracked);
    EXPECT_TRUE(due_neighbors().empty());
    EXPECT_TRUE(view_.routes_known());
}

TEST_F(NetworkViewTest, WithoutKernelInterfaceOnlyStaticNeighborsCount) {
    config_.ports = {port("capture", "in.pcap", abi::Driver::kPcap)};
    view_.configure(config_);
    EXPECT_FALSE(view_.routes_due());
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNoStaticNeighbor);

    config_.ports = {port("uplink", "eth1"), port("nic", "0000:00:03.0", abi::Driver::kPci)};
    config_.ports[1].addresses = {network("10.0.0.1/24")};
    view_.configure(config_);
    EXPECT_FALSE(view_.routes_due());
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kNoStaticNeighbor);
}

TEST_F(NetworkViewTest, TheHopsOfOneMomentAreThoseOfEachAddress) {
    config_.ports.push_back(port("nic", "0000:00:03.0", abi::Driver::kPci));
    config_.ports[1].addresses = {network("10.0.1.1/24")};
    config_.neighbors = {neighbor("10.0.0.13", kOtherMacText),
                         neighbor("10.0.1.14", kOtherMacText)};
    for (const char* one : {"10.0.0.12", "10.0.0.13", "10.0.1.14", "10.0.1.15", "fd00::1"})
        add_backend(config_, ip(one));
    configure_with_interface();
    view_.apply_route(kBackend, route_via(7), kNow_ms);
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText, NUD_STALE));
    view_.apply_route(ip("10.0.0.12"), std::nullopt, kNow_ms);
    const Hops hops = view_.hops();
    for (const config::Backend& backend : config_.pools[0].backends) {
        const Hop wanted = view_.hop(backend.address);
        EXPECT_EQ(hops.find(backend.address).state, wanted.state) << to_string(backend.address);
        EXPECT_EQ(hops.find(backend.address).hop, wanted.hop) << to_string(backend.address);
    }
    EXPECT_EQ(hops.find(kBackend).state, HopState::kStale);
    EXPECT_EQ(hops.find(ip("10.0.0.13")).state, HopState::kStatic);
    EXPECT_EQ(hops.find(ip("10.0.1.15")).state, HopState::kNoStaticNeighbor);
    view_.apply_route(ip("10.0.0.12"), route_via(7), kNow_ms);
    EXPECT_EQ(hops.find(ip("10.0.0.12")).state, HopState::kNoRoute) << "as it was";
}

TEST_F(NetworkViewTest, ADumpAfterLostMessagesBringsTheViewUpToDate) {
    configure_with_interface();
    apply(address(7, "10.0.0.1/24"));
    apply(address(7, "10.0.1.1/24"));
    apply(neighbor_entry(7, "10.0.0.11", kPeerMacText));
    answer_all(route_via(7));
    view_.take_changed();

    view_.begin_dump(Dump::kLinks);
    EXPECT_TRUE(view_.routes_due()) << "a change of routes may have been lost";
    apply(link(7, "eth1"));
    view_.end_dump(Dump::kLinks, kNow_ms);
    view_.begin_dump(Dump::kAddresses);
    apply(address(7, "10.0.1.1/24"));
    view_.end_dump(Dump::kAddresses, kNow_ms);
    view_.begin_dump(Dump::kNeighbors);
    view_.end_dump(Dump::kNeighbors, kNow_ms);
    view_.refresh();

    EXPECT_TRUE(view_.take_changed());
    EXPECT_EQ(view_.ports().facts().at(0).source_v4, ip("10.0.1.1"));
    EXPECT_EQ(view_.hop(kBackend).state, HopState::kLost);
}

TEST_F(NetworkViewTest, HoldsTheRegionsMaximumOfBackends) {
    config_.pools.clear();
    for (std::uint32_t i = 0; i < abi::kMaxBackends; ++i)
        add_backend(config_, IpAddress::from_v4(Be32::from_host(0x0a010000 + i)));
    configure_with_interface();
    EXPECT_EQ(answer_all(route_via(7)), abi::kMaxBackends);
    for (const config::Backend& backend : config_.pools[0].backends) {
        view_.apply({.body = NeighborMessage{.key = {7, backend.address},
                                             .removed = false,
                                             .state = NUD_REACHABLE,
                                             .mac = mac(kPeerMacText)}},
                    kNow_ms);
    }
    std::size_t known = 0;
    for (const config::Backend& backend : config_.pools[0].backends)
        known += view_.hop(backend.address).hop.has_value();
    EXPECT_EQ(known, abi::kMaxBackends);
    EXPECT_EQ(view_.next_neighbor_due_ms(), std::nullopt);
}

}  // namespace
}  // namespace vipfwd::net
