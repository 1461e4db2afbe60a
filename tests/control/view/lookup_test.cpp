// SPDX-License-Identifier: Apache-2.0
#include "control/view/lookup.h"

#include <gtest/gtest.h>

#include "dataplane/abi/ring_slot.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::view {
namespace {

using table::sample::ip;
using Outcome = Lookup::Outcome;
using Obstacle = Lookup::Obstacle;

abi::FlowKey flow(const std::string& destination, std::uint16_t port,
                  abi::Protocol protocol = abi::Protocol::kTcp) {
    return {.source = ip("192.0.2.7"),
            .destination = ip(destination),
            .source_port = Be16::from_host(40000),
            .destination_port = Be16::from_host(port),
            .protocol = static_cast<std::uint8_t>(protocol)};
}

TEST(ViewLookup, EachOutcomeIsDistinguished) {
    Scene scene;
    EXPECT_EQ(lookup(scene.source(), flow("10.0.0.100", 80)).outcome, Outcome::kNothingInForce);
    scene.config.pools[1].backends[0].weight = 0;
    scene.start_dataplane();
    EXPECT_EQ(lookup(scene.source(), flow("10.0.0.9", 80)).outcome, Outcome::kNotVip);
    EXPECT_EQ(lookup(scene.source(), flow("10.0.0.100", 81)).outcome, Outcome::kNoService);
    EXPECT_EQ(lookup(scene.source(), flow("10.0.0.100", 80, abi::Protocol::kUdp)).outcome,
              Outcome::kNoService);
    EXPECT_EQ(lookup(scene.source(), flow("10.0.0.101", 3306)).outcome, Outcome::kNoBackend);
    EXPECT_EQ(lookup(scene.source(), flow("10.0.0.100", 80)).outcome, Outcome::kBackend);
}

TEST(ViewLookup, TheBackendIsTheOneThatTheRingNames) {
    Scene scene;
    scene.start_dataplane();
    const abi::FlowKey key = flow("10.0.0.100", 80);
    const Source source = scene.source();
    const Lookup found = lookup(source, key);
    const table::Tables& tables = tables_in_force(source);
    const std::uint64_t hash = abi::flow_hash(key, tables.key);
    EXPECT_EQ(found.slot, abi::ring_slot(hash, abi::kDefaultRingSlots));
    EXPECT_EQ(found.ring_slots, abi::kDefaultRingSlots);
    const std::uint16_t index = scene.publisher->ring(tables.pools[0])[found.slot];
    EXPECT_EQ(found.address, tables.backends[index].address);
    EXPECT_EQ(found.backend, scene.config.pools[0].backends[index].name);
    EXPECT_EQ(found.service_name, "web");
    EXPECT_EQ(found.pool, "web");
    EXPECT_EQ(found.obstacle, Obstacle::kNone);
}

TEST(ViewLookup, WithAffinityTheSourcePortDoesNotMatter) {
    Scene scene;
    scene.config.services[0].affinity = abi::Affinity::kSource;
    scene.start_dataplane();
    abi::FlowKey key = flow("10.0.0.100", 80);
    const std::uint32_t slot = lookup(scene.source(), key).slot;
    key.source_port = Be16::from_host(1);
    EXPECT_EQ(lookup(scene.source(), key).slot, slot);
}

TEST(ViewLookup, AnObstacleOnTheWayToTheBackendIsNamed) {
    Scene unresolved;
    unresolved.facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    unresolved.start_dataplane();
    EXPECT_EQ(lookup(unresolved.source(), flow("10.0.0.100", 80)).obstacle, Obstacle::kNoNextHop);
    Scene addressless;
    addressless.facts.ports[0].source_v4 = {};
    addressless.start_dataplane();
    EXPECT_EQ(lookup(addressless.source(), flow("10.0.0.100", 80)).obstacle,
              Obstacle::kNoTunnelSource);
    addressless.config.services[0].forward = abi::Forward::kL2;
    addressless.publish();
    EXPECT_EQ(lookup(addressless.source(), flow("10.0.0.100", 80)).obstacle, Obstacle::kNone)
        << "no tunnel needs a source";
}

TEST(ViewLookup, AServiceThatIsNotConfiguredAnyMoreHasNoName) {
    Scene scene;
    scene.start_dataplane();
    scene.config.services.clear();
    const Source source = scene.source();
    const Lookup found = lookup(source, flow("10.0.0.100", 80));
    EXPECT_EQ(found.service_name, "");
    ASSERT_NE(found.service, nullptr);
    EXPECT_EQ(found.service->port_first, 80);
}

}  // namespace
}  // namespace vipfwd::view
