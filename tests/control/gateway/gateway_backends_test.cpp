// SPDX-License-Identifier: Apache-2.0
// What operators choose for backends, and what checks say of them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "control/table/backend_state.h"
#include "tests/control/gateway/gateway_scene.h"

namespace vipfwd::gateway {
namespace {

class GatewayBackends : public GatewayTest {
  protected:
    GatewayBackends() {
        write_config(std::string(kCapture) + kBalancing);
        start();
        connect();
        EXPECT_TRUE(becomes_ready());
    }

    std::string change(const std::string& verb, const std::string& more = "") {
        return ask(R"({"command":"backend )" + verb +
                   R"(","arguments":{"pool":"web","backend":"web1")" + more + "}}\n");
    }
    const abi::BackendEntry& entry() {
        return gateway_->view().publisher->in_force().backends.at(0);
    }
    void rename_pool(const std::string& name) {
        std::string text = kBalancing;
        for (const std::string before : {"[[pool]]\nname = ", "\npool = "}) {
            const std::size_t at = text.find(before + "\"web\"");
            text.replace(at + before.size(), 5, '"' + name + '"');
        }
        write_config(kCapture + text);
    }
    // The backend is up if there is that file. It is checked once: all further attempts are far
    // away.
    void check_once(const std::string& file) {
        std::string text = kBalancing;
        text.replace(text.find("backend = ["), 0,
                     R"(check = { type = "script", command = ["/usr/bin/test", "-e", ")" + file +
                         R"("], interval_ms = 60000, fast_interval_ms = 60000, fall = 5 })"
                         "\n");
        write_config(kCapture + text);
    }
    std::optional<health::Verdict> verdict() {
        const view::Source source = gateway_->view();
        return source.standings == nullptr ? std::nullopt
                                           : std::optional(source.standings->of(0, 0).verdict);
    }
    std::string pool_in_force() { return gateway_->view().publisher->in_force().pools.at(0).name; }
    abi::BackendState state() { return static_cast<abi::BackendState>(entry().state); }
};

TEST_F(GatewayBackends, AChangeIsAnsweredWhenItIsInForce) {
    EXPECT_EQ(change("drain"),
              R"({"ok":true,"result":{"pool":"web","backend":"web1","serving":0,"backends":1}})"
              "\n");
    EXPECT_EQ(state(), abi::BackendState::kDraining);
    dataplane_->acknowledge();
    change("ready");
    EXPECT_EQ(state(), abi::BackendState::kServing);
}

TEST_F(GatewayBackends, ChangesAreEventsAlsoForTheNextControl) {
    change("drain");
    const std::string question = R"({"command":"show events","arguments":{"object":"backend"}})"
                                 "\n";
    const std::string answer = ask(question);
    EXPECT_NE(answer.find(R"("name":"web/web1","change":"drain","cause":"chosen by an operator")"),
              std::string::npos)
        << answer;
    dataplane_->acknowledge();
    start();
    EXPECT_EQ(ask(question), answer);
}

// As after a reboot: there is no region.
TEST_F(GatewayBackends, ChoicesOutliveARebootInTheStateDirectory) {
    options_.state_directory = directory_.path();
    start();
    connect();
    ASSERT_TRUE(becomes_ready());
    change("weight", R"(,"weight":"7")");
    ASSERT_TRUE(
        run_until([this] { return std::filesystem::exists(directory_ / "backends.json"); }));
    start();
    connect();
    EXPECT_EQ(entry().weight, 7u);
    ASSERT_TRUE(becomes_ready());
    change("weight", R"(,"weight":"configured")");
    start();
    connect();
    EXPECT_EQ(entry().weight, 100u);
}

TEST_F(GatewayBackends, ADeadlineThatIsOverMovesTheFlows) {
    change("maint", R"(,"deadline":"1s")");
    EXPECT_EQ(state(), abi::BackendState::kDraining);
    EXPECT_TRUE(run_until([this] {
        dataplane_->acknowledge();
        return state() == abi::BackendState::kDown;
    }));
}

TEST_F(GatewayBackends, ChoicesOutliveControl) {
    change("weight", R"(,"weight":"7")");
    EXPECT_EQ(entry().weight, 7u);
    dataplane_->acknowledge();
    start();
    connect(dataplane_->take_region());
    ASSERT_TRUE(becomes_ready());
    change("drain");
    EXPECT_EQ(table::choice_in_force(entry()),
              (health::AdminChoice{.state = abi::BackendAdmin::kDrain, .weight = 7}));
}

TEST_F(GatewayBackends, ChoicesOutliveTwoNamesOfThePoolBeforeOneIsPublished) {
    change("weight", R"(,"weight":"7")");
    rename_pool("other");
    reload();
    rename_pool("third");
    reload();
    EXPECT_EQ(pool_in_force(), "web") << "the dataplane has not acknowledged it";
    dataplane_->acknowledge();
    EXPECT_TRUE(run_until([this] { return pool_in_force() == "third"; }));
    EXPECT_EQ(entry().weight, 7u);
}

TEST_F(GatewayBackends, ChoicesOutliveAControlThatStartsWithAnotherNameOfThePool) {
    change("weight", R"(,"weight":"7")");
    dataplane_->acknowledge();
    rename_pool("other");
    start();
    connect(dataplane_->take_region());
    ASSERT_TRUE(becomes_ready());
    dataplane_->acknowledge();
    EXPECT_TRUE(run_until([this] { return pool_in_force() == "other"; }));
    EXPECT_EQ(entry().weight, 7u);
}

// A control that starts learns of what was found before it when the dataplane hands the region
// back.
TEST_F(GatewayBackends, WhatChecksHaveFoundBeforeTheRegionIsThereIsNoVerdict) {
    const std::string file = directory_ / "is-up";
    std::ofstream(file) << "";
    // Scripts run as nobody.
    std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
    check_once(file);
    reload();
    dataplane_->acknowledge();
    EXPECT_TRUE(run_until([this] { return table::has_health(entry(), abi::BackendHealth::kUp); }));
    dataplane_->acknowledge();
    std::filesystem::remove(file);
    start();
    ASSERT_TRUE(run_until([this] { return verdict() == health::Verdict::kBad; }))
        << "nothing is known of before";
    connect(dataplane_->take_region());
    ASSERT_TRUE(becomes_ready());
    ASSERT_TRUE(run_until([this] { return verdict() == health::Verdict::kGood; }))
        << "one bad result of five";
    EXPECT_TRUE(table::has_health(entry(), abi::BackendHealth::kUp));
    const std::string events = ask(R"({"command":"show events","arguments":{"object":"backend"}})"
                                   "\n");
    EXPECT_EQ(events.find(R"("change":"down")"), std::string::npos) << events;
}

TEST_F(GatewayBackends, AnUnknownBackendIsRejected) {
    EXPECT_EQ(ask(R"({"command":"backend drain","arguments":{"pool":"web","backend":"x"}})"
                  "\n"),
              R"({"ok":false,"error":"there is no backend of pool 'web' named 'x'","details":[]})"
              "\n");
}

}  // namespace
}  // namespace vipfwd::gateway
