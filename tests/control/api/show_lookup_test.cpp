// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/flow_argument.h"
#include "control/api/show.h"
#include "dataplane/abi/ring_slot.h"
#include "dataplane/abi/ring_store.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using table::sample::ip;
using view::Scene;

abi::FlowKey flow(const std::string& source_port, const std::string& destination,
                  const std::string& destination_port, const std::string& protocol = "tcp") {
    return parse_flow({.protocol = protocol,
                       .source = "192.0.2.7",
                       .source_port = source_port,
                       .destination = destination,
                       .destination_port = destination_port})
        .value();
}

std::string why(const Scene& scene, const abi::FlowKey& key) {
    return show_lookup(scene.source(), key)["why"];
}

TEST(ShowLookup, AgreesWithTheRingInTheRegion) {
    Scene scene;
    scene.start_dataplane();
    const abi::ControlArea& area = scene.dataplane->control();
    const abi::Generation& generation =
        area.generations[abi::ActiveGeneration::unpack(area.active.load()).store];
    for (int port = 1000; port < 1500; ++port) {
        const abi::FlowKey key = flow(std::to_string(port), "10.0.0.100", "80");
        const Json found = show_lookup(scene.source(), key);
        const abi::PoolEntry& pool = generation.pools[generation.services[0].pool];
        const std::uint32_t slot =
            abi::ring_slot(abi::flow_hash(key, generation.header.key), pool.ring_slots);
        const std::uint16_t index = abi::ring_of(pool, area.rings)[slot];
        EXPECT_EQ(found["slot"], slot);
        EXPECT_EQ(found["address"],
                  to_string(generation.backends[pool.backend_base + index].address));
    }
}

TEST(ShowLookup, SaysEverythingAboutTheWayToABackend) {
    Scene scene;
    scene.start_dataplane();
    Json found = show_lookup(scene.source(), flow("40000", "10.0.0.101", "3306"));
    const std::string slot = found["slot"].dump();
    found.erase("slot");
    EXPECT_EQ(
        found.dump(),
        R"({"service":"db","pool":"db","forward":"ipip","affinity":"none","ring_slots":65537,)"
        R"("backend":"db1","address":"10.0.0.21","health":"unchecked","next_hop":{"resolved":true,)"
        R"("mac":"02:00:00:00:00:15","port":"uplink","state":"reachable"},"why":"slot )" +
            slot +
            R"( of 65537 of pool db's ring; an established flow stays with the backend that)"
            R"( it began with"})");
}

TEST(ShowLookup, TheHealthIsTheOneInForce) {
    Scene scene;
    scene.start_dataplane();
    scene.check_pool(1);
    scene.give(1, 0, {health::ProbeResult::Kind::kGood});
    scene.publish();
    EXPECT_EQ(show_lookup(scene.source(), flow("1", "10.0.0.101", "3306"))["health"], "up");
}

TEST(ShowLookup, BySourceAffinityOneClientHasOneSlotInAllServicesOfAVip) {
    Scene scene;
    config::Service alternate = table::sample::service("web-alternate", "10.0.0.100", 8080, 0);
    alternate.protocol = abi::Protocol::kUdp;
    scene.config.services.push_back(alternate);
    for (config::Service& service : scene.config.services)
        service.affinity = abi::Affinity::kSource;
    scene.start_dataplane();
    const abi::FlowKey part{.source = ip("192.0.2.7"),
                            .destination = ip("10.0.0.100"),
                            .source_port = {},
                            .destination_port = {},
                            .protocol = 0};
    const std::uint32_t slot =
        abi::ring_slot(abi::flow_hash(part, *scene.config.gateway.key), abi::kDefaultRingSlots);
    for (const char* port : {"1", "40000"}) {
        EXPECT_EQ(show_lookup(scene.source(), flow(port, "10.0.0.100", "80"))["slot"], slot);
        EXPECT_EQ(show_lookup(scene.source(), flow(port, "10.0.0.100", "8080", "udp"))["slot"],
                  slot);
    }
    const Json found = show_lookup(scene.source(), flow("1", "10.0.0.100", "80"));
    EXPECT_EQ(found["affinity"], "source");
    EXPECT_EQ(found["why"], "slot " + std::to_string(slot) +
                                " of 65537 of pool web's ring, by source and VIP alone (affinity "
                                "source); an established flow stays with the backend that it began "
                                "with");
}

TEST(ShowLookup, SaysThatNoFlowIsPinned) {
    Scene scene;
    scene.config.services[1].pin_flows = false;
    scene.start_dataplane();
    const std::string why = show_lookup(scene.source(), flow("40000", "10.0.0.101", "3306"))["why"];
    EXPECT_NE(why.find("of pool db's ring; flows are not pinned: the ring decides on every packet"),
              std::string::npos)
        << why;
}

TEST(ShowLookup, FindsIpv6FlowsAndBackends) {
    Scene scene;
    scene.config.pools[1].backends = {table::sample::backend("six", "fd00::11")};
    scene.config.services.push_back(table::sample::service("db6", "fd00::100", 3306, 1));
    scene.facts.ports[0].source_v6 = ip("fd00::1");
    scene.start_dataplane();
    const auto flow_v6 = [](const std::string& destination) {
        return parse_flow({.protocol = "tcp",
                           .source = "2001:db8::7",
                           .source_port = "40000",
                           .destination = destination,
                           .destination_port = "3306"})
            .value();
    };
    const Json found = show_lookup(scene.source(), flow_v6("fd00::100"));
    EXPECT_EQ(found["service"], "db6");
    EXPECT_EQ(found["address"], "fd00::11");
    EXPECT_EQ(why(scene, flow_v6("fd00::100")).find("dropped"), std::string::npos);
    EXPECT_EQ(why(scene, flow_v6("fd00::9")),
              "fd00::9 is not a VIP: such packets go to the kernel");
}

TEST(ShowLookup, WithoutAServiceItSaysWhereThePacketsGo) {
    Scene scene;
    scene.start_dataplane();
    EXPECT_TRUE(show_lookup(scene.source(), flow("1", "10.0.0.100", "81"))["service"].is_null());
    EXPECT_EQ(why(scene, flow("1", "10.0.0.100", "81")),
              "10.0.0.100 is a VIP, but no service of it has tcp port 81: such packets go to the "
              "kernel, or are dropped (no_kernel_path) on a port without a path to it");
    EXPECT_EQ(why(scene, flow("1", "10.0.0.100", "80", "udp")).substr(0, 62),
              "10.0.0.100 is a VIP, but no service of it has udp port 80: suc");
    EXPECT_EQ(why(scene, flow("1", "10.0.0.9", "80")),
              "10.0.0.9 is not a VIP: such packets go to the kernel");
}

TEST(ShowLookup, APortRangeMatchesFromItsFirstToItsLast) {
    Scene scene;
    scene.config.services[0].port_first = 8000;
    scene.config.services[0].port_last = 8099;
    scene.start_dataplane();
    for (const char* port : {"8000", "8050", "8099"})
        EXPECT_EQ(show_lookup(scene.source(), flow("1", "10.0.0.100", port))["service"], "web");
    for (const char* port : {"7999", "8100"})
        EXPECT_TRUE(
            show_lookup(scene.source(), flow("1", "10.0.0.100", port))["service"].is_null());
}

TEST(ShowLookup, BeforeADataplaneCameItSaysSo) {
    const Scene scene;
    EXPECT_EQ(why(scene, flow("1", "10.0.0.100", "80")),
              "no tables are in force yet: they are built when a dataplane connects");
}

TEST(ShowLookup, AnEmptyPoolsFlowsAreDropped) {
    Scene scene;
    scene.config.pools[1].backends[0].weight = 0;
    scene.start_dataplane();
    const Json found = show_lookup(scene.source(), flow("1", "10.0.0.101", "3306"));
    EXPECT_EQ(found["service"], "db");
    EXPECT_TRUE(found["backend"].is_null());
    EXPECT_TRUE(found["slot"].is_null());
    EXPECT_EQ(found["why"],
              "pool db has no backend that takes new flows: they are dropped "
              "(pool_empty)");
}

TEST(ShowLookup, NamesWhatKeepsPacketsFromTheBackend) {
    Scene scene;
    scene.facts.next_hop = [](const IpAddress&) { return std::nullopt; };
    scene.start_dataplane();
    EXPECT_NE(why(scene, flow("1", "10.0.0.100", "80")).find("dropped (no_next_hop)"),
              std::string::npos);

    Scene addressless;
    addressless.facts.ports[0].source_v4 = {};
    addressless.start_dataplane();
    EXPECT_NE(why(addressless, flow("1", "10.0.0.100", "80")).find("dropped (no_tunnel_source)"),
              std::string::npos);
    addressless.config.services[0].forward = abi::Forward::kL2;
    addressless.publish();
    EXPECT_EQ(why(addressless, flow("1", "10.0.0.100", "80")).find("dropped"), std::string::npos);

    Scene of_one_family;
    of_one_family.config.pools[1].backends = {table::sample::backend("six", "fd00::11")};
    of_one_family.start_dataplane();
    EXPECT_NE(
        why(of_one_family, flow("1", "10.0.0.101", "3306")).find("dropped (no_tunnel_source)"),
        std::string::npos);
}

TEST(ShowLookup, WhatTheConfigurationHasLostAlreadyIsNamedByWhatItIs) {
    Scene scene;
    scene.start_dataplane();
    scene.config.services.clear();
    scene.config.pools.clear();
    const Json found = show_lookup(scene.source(), flow("1", "10.0.0.101", "3306"));
    EXPECT_EQ(found["service"], "10.0.0.101 tcp port 3306");
    EXPECT_EQ(found["backend"], "10.0.0.21");
}

TEST(FlowArgument, EveryWordIsChecked) {
    const auto fault = [](FlowArgument written) { return parse_flow(written).error().message; };
    const FlowArgument good = {"tcp", "192.0.2.7", "1", "10.0.0.100", "80"};
    ASSERT_TRUE(parse_flow(good));
    FlowArgument bad = good;
    bad.protocol = "icmp";
    EXPECT_EQ(fault(bad), "unknown protocol 'icmp'; use one of tcp, udp");
    bad = good;
    bad.source = "192.0.2.700";
    EXPECT_EQ(fault(bad), "'192.0.2.700' is not an IPv4 or IPv6 address");
    bad = good;
    bad.destination = "";
    EXPECT_EQ(fault(bad), "'' is not an IPv4 or IPv6 address");
    bad = good;
    bad.destination = "fd00::1";
    EXPECT_EQ(fault(bad), "source and destination are not of the same family");
    for (const char* port : {"", "65536", "-1", "+1", "80 ", "0x50", "http"}) {
        bad = good;
        bad.destination_port = port;
        EXPECT_FALSE(parse_flow(bad)) << port;
        bad = good;
        bad.source_port = port;
        EXPECT_FALSE(parse_flow(bad)) << port;
    }
}

}  // namespace
}  // namespace vipfwd::api
