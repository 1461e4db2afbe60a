// SPDX-License-Identifier: Apache-2.0
// Without a port that the kernel takes part in: neither root nor a network is needed.
#include "control/gateway/gateway.h"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <optional>
#include <string>

#include "tests/control/gateway/gateway_scene.h"

namespace vipfwd::gateway {
namespace {

TEST_F(GatewayTest, TheFirstDataplaneGetsTables) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    EXPECT_EQ(gateway_->view().publisher, nullptr) << "there is no region before";
    FakeDataplane& dataplane = connect();
    EXPECT_EQ(dataplane.generation(), 1u);
    EXPECT_TRUE(gateway_->view().dataplane.connected);
    EXPECT_FALSE(gateway_->view().dataplane.ready);
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(gateway_->view().publisher->in_force().services.size(), 1u);
}

TEST_F(GatewayTest, AReloadIsPublishedAndAnnounced) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    ASSERT_TRUE(becomes_ready());
    write_config(kCapture);
    EXPECT_TRUE(reload({.force = true}).applied);
    for (const std::uint64_t generation : {1u, 2u}) {
        const abi::Received announced = dataplane.receive();
        EXPECT_EQ(announced.message.kind, abi::MessageKind::kPublished);
        EXPECT_EQ(announced.message.generation, generation);
    }
    EXPECT_TRUE(gateway_->view().publisher->in_force().services.empty());
}

TEST_F(GatewayTest, BackendsAreShownToAClient) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(
        ask("{\"command\":\"show backends\"}\n"),
        R"({"ok":true,"result":[{"pool":"web","name":"web1","address":"10.0.0.11",)"
        R"("weight":100,"weight_configured":100,"starts_slowly":false,"tier":1,"admin":"ready",)"
        R"("state":"serving","slots":65537,"share":1.0,"next_hop":)"
        R"({"resolved":true,"mac":"02:00:00:00:00:0b","port":"uplink",)"
        R"("state":"static"},"packets":0,"bytes":0}]})"
        "\n");
}

TEST_F(GatewayTest, AConfigurationWithAnErrorChangesNothing) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    write_config(std::string(kCapture) + "[[pool]]\n");
    const plan::Outcome outcome = reload({.force = true});
    EXPECT_FALSE(outcome.applied);
    ASSERT_FALSE(outcome.diagnostics.empty());
    EXPECT_EQ(outcome.diagnostics[0].severity, config::Diagnostic::Severity::kError);
    EXPECT_EQ(gateway_->view().publisher->generation(), 1u);
    EXPECT_EQ(gateway_->view().config.services.size(), 1u);
    EXPECT_FALSE(gateway_->view().reload_errors.empty());
    write_config(std::string(kCapture) + kBalancing);
    reload({});
    EXPECT_TRUE(gateway_->view().reload_errors.empty());
}

TEST_F(GatewayTest, WhatTakesServiceAwayNeedsForce) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    write_config(kCapture);
    const plan::Outcome refused = reload({});
    EXPECT_FALSE(refused.applied);
    EXPECT_EQ(refused.plan.losses.size(), 1u);
    EXPECT_EQ(gateway_->view().config.services.size(), 1u);
    EXPECT_FALSE(reload({.force = true, .dry_run = true}).applied);
    EXPECT_EQ(gateway_->view().config.services.size(), 1u);
    EXPECT_TRUE(reload({.force = true}).applied);
    EXPECT_TRUE(gateway_->view().config.services.empty());
}

TEST_F(GatewayTest, WhatResetsConnectionsNeedsForce) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    std::string twin = kBalancing;
    twin.replace(twin.find("pool = \"web\""), 12, "pool = \"twin\"");
    const std::string pool =
        "[[pool]]\nname = \"twin\"\n"
        "backend = [{ name = \"web1\", address = \"10.0.0.11\" }]\n";
    write_config(std::string(kCapture) + twin + pool);
    const plan::Outcome unknown = reload({.dry_run = true});
    EXPECT_TRUE(unknown.plan.losses.empty()) << "no worker runs";
    EXPECT_TRUE(unknown.plan.changes[0].ends_with("is not known)")) << unknown.plan.changes[0];
    ASSERT_TRUE(becomes_ready());
    std::optional<plan::Outcome> refused;
    gateway_->reload({}, [&](const plan::Outcome& outcome) { refused = outcome; });
    const abi::ControlArea& area = dataplane.region().control();
    ASSERT_TRUE(run_until([&] { return area.census_request.load() != 0; }));
    abi::FlowCensus& census = dataplane.status().censuses[0];
    census.begin(area.census_request.load(), dataplane.generation());
    census.watched[0].set(1234);
    census.finish();
    ASSERT_TRUE(run_until([&] { return refused.has_value(); }));
    EXPECT_FALSE(refused->applied);
    EXPECT_EQ(refused->plan.losses,
              std::vector<std::string>{"service 'web' goes to pool 'twin': up to 1,234 "
                                       "connections would be reset"});
}

TEST_F(GatewayTest, ReloadsWaitUntilTheDataplaneHasCaughtUp) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    ASSERT_TRUE(becomes_ready());
    write_config(kCapture);
    reload({.force = true});
    write_config(std::string(kCapture) + kBalancing);
    reload({.force = true});
    EXPECT_TRUE(gateway_->view().dataplane.publish_pending);
    EXPECT_EQ(dataplane.generation(), 2u);
    dataplane.acknowledge();
    EXPECT_TRUE(run_until([&] { return dataplane.generation() == 3; }));
    EXPECT_FALSE(gateway_->view().dataplane.publish_pending);
}

TEST_F(GatewayTest, ManyReloadsAtOnceAreAllAnsweredAndTheLastIsInForce) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    ASSERT_TRUE(becomes_ready());
    int answers = 0;
    for (int weight = 1; weight <= 100; ++weight) {
        std::string text = kBalancing;
        text.replace(text.find("\"10.0.0.11\" }"), 13,
                     "\"10.0.0.11\", weight = " + std::to_string(weight) + " }");
        write_config(std::string(kCapture) + text);
        gateway_->reload({}, [&](const plan::Outcome& outcome) {
            EXPECT_TRUE(outcome.applied);
            ++answers;
        });
    }
    ASSERT_TRUE(run_until([&] {
        if (dataplane.status().workers[0].generation.load() != dataplane.generation())
            dataplane.acknowledge();
        return answers == 100;
    }));
    EXPECT_TRUE(run_until(
        [&] { return gateway_->view().publisher->in_force().backends[0].weight == 100; }));
    EXPECT_LE(dataplane.generation(), 4u) << "those that wait share one reload";
}

TEST_F(GatewayTest, ADataplaneThatStartsDuringAReloadGetsWhatWaitedForIt) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    write_config(with_renamed_port(kCapture) + kBalancing);
    std::optional<plan::Outcome> answer;
    gateway_->reload({}, [&](const plan::Outcome& outcome) { answer = outcome; });
    dataplane_.reset();  // the plan, which the thread may be making, has been for one that runs
    ASSERT_TRUE(run_until([&] { return answer.has_value(); }));
    ASSERT_TRUE(run_until([&] { return !gateway_->view().dataplane.connected; }));
    EXPECT_TRUE(answer->applied);
    connect();
    EXPECT_EQ(gateway_->view().config.ports[0].name, "wan");
}

TEST_F(GatewayTest, ARejectedGenerationIsShownWithItsReason) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect();
    abi::Message rejected{.kind = abi::MessageKind::kRejected, .generation = 1};
    std::string("wrong checksum").copy(rejected.text, sizeof rejected.text - 1);
    dataplane.send(rejected);
    ASSERT_TRUE(run_until([this] { return gateway_->view().dataplane.rejected.has_value(); }));
    EXPECT_EQ(gateway_->view().dataplane.rejected->reason, "wrong checksum");
}

TEST_F(GatewayTest, ARestartedControlAdoptsTheRegion) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    const std::uint64_t id = gateway_->view().publisher->region().region_id();
    start();
    FakeDataplane& dataplane = connect(dataplane_->take_region());
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(gateway_->view().publisher->region().region_id(), id);
    EXPECT_EQ(dataplane.generation(), 1u) << "nothing has changed";
}

TEST_F(GatewayTest, ADataplaneThatWasStartedWithOtherParametersIsToBeRestarted) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    EXPECT_FALSE(gateway_->view().dataplane.boot_differs);
    std::string other = kCapture;
    other.replace(other.find("hugepages = false"), 17,
                  "hugepages = false\nflows_per_worker = 2048");
    write_config(other + kBalancing);
    reload({.force = true});
    EXPECT_TRUE(gateway_->view().dataplane.boot_differs);
}

TEST_F(GatewayTest, ChangesOfPortsWaitForTheDataplanesNextStart) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    write_config(with_renamed_port(kCapture) + kBalancing + "pin_flows = false\n");
    const plan::Outcome outcome = reload({});
    EXPECT_TRUE(outcome.applied);
    EXPECT_EQ(outcome.plan.waiting,
              (std::vector<std::string>{"adds port wan", "removes port uplink"}));
    EXPECT_EQ(gateway_->view().waiting, outcome.plan.waiting);
    EXPECT_EQ(gateway_->view().config.ports[0].name, "uplink");
    EXPECT_FALSE(gateway_->view().config.services[0].pin_flows) << "this does not wait";
    EXPECT_EQ(gateway_->view().publisher->in_force().backends[0].resolved, 1)
        << "the next hop by the running port is kept";

    dataplane_.reset();
    FakeDataplane& next = connect();
    EXPECT_EQ(next.region().control().boot.ports[0].name, std::string("wan"));
    EXPECT_EQ(gateway_->view().config.ports[0].name, "wan");
    EXPECT_TRUE(gateway_->view().waiting.empty());
    ASSERT_TRUE(becomes_ready());
    EXPECT_FALSE(gateway_->view().dataplane.boot_differs);
}

TEST_F(GatewayTest, ARestartedControlContinuesWithThePortsThatRun) {
    write_config(std::string(kCapture) + kBalancing);
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    write_config(with_renamed_port(kCapture) + kBalancing);
    start();
    FakeDataplane& dataplane = connect(dataplane_->take_region());
    EXPECT_EQ(gateway_->view().config.ports[0].name, "uplink");
    EXPECT_EQ(gateway_->view().waiting.size(), 2u);
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(dataplane.region().control().boot.ports[0].name, std::string("wan"))
        << "for the next start";
    EXPECT_EQ(gateway_->view().publisher->in_force().backends[0].resolved, 1);
}

}  // namespace
}  // namespace vipfwd::gateway
