// SPDX-License-Identifier: Apache-2.0
#include "control/api/backend_commands.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using protocol::Command;

Json with(const char* name, const std::string& value) {
    Json arguments = {{"pool", "web"}, {"backend", "be1"}};
    arguments[name] = value;
    return arguments;
}

TEST(BackendCommands, EachAsksForItsState) {
    const auto state = [](Command command) {
        return parse_change(command, with("all", ""))->state;
    };
    EXPECT_EQ(state(Command::kBackendDrain), abi::BackendAdmin::kDrain);
    EXPECT_EQ(state(Command::kBackendMaint), abi::BackendAdmin::kMaint);
    EXPECT_EQ(state(Command::kBackendReady), abi::BackendAdmin::kReady);
}

TEST(BackendCommands, TheDeadlineOfMaintenanceHasAUnit) {
    const auto seconds = [](const std::string& deadline) {
        const auto change = parse_change(Command::kBackendMaint, with("deadline", deadline));
        return change ? std::optional(change->flows_move_after_s) : std::nullopt;
    };
    EXPECT_EQ(seconds(""), 0u) << "there is none";
    EXPECT_EQ(seconds("30s"), 30u);
    EXPECT_EQ(seconds("10m"), 600u);
    EXPECT_EQ(seconds("24h"), 86'400u);
    for (const char* const wrong : {"25h", "10", "m", "-1s", "1.5h", "4294967297s"})
        EXPECT_EQ(seconds(wrong), std::nullopt) << wrong;
    EXPECT_EQ(parse_change(Command::kBackendMaint, with("deadline", "soon")).error().message,
              "deadline 'soon': write a time such as 30s, 10m or 2h, at most 24h");
}

TEST(BackendCommands, AWeightIsANumberOrTheConfiguredOne) {
    const auto change = [](const char* weight) {
        return parse_change(Command::kBackendWeight, with("weight", weight));
    };
    EXPECT_EQ(change("65535")->weight, 65'535u);
    EXPECT_EQ(change("65535")->state, std::nullopt);
    EXPECT_TRUE(change("configured")->changes_weight);
    EXPECT_EQ(change("configured")->weight, std::nullopt);
    EXPECT_FALSE(change("65536"));
    EXPECT_FALSE(change("heavy"));
}

TEST(BackendCommands, TheResultSaysWhatBecameOfItAtEachGateway) {
    const health::AdminChange change = {.pool = "web", .backend = "be1"};
    const view::BackendCount count = {.serving = 2, .draining = 1, .down = 1, .standby = 1};
    const Json here = {{"pool", "web"}, {"backend", "be1"}, {"serving", 2}, {"backends", 5}};
    EXPECT_EQ(change_json(change, count, {}), here);
    Json everywhere = here;
    everywhere["peers"] = Json::parse(
        R"([{"gateway": "10.0.0.2", "error": null, "serving": 2, "backends": 3},
            {"gateway": "10.0.0.3", "error": "no answer", "serving": 0, "backends": 0}])");
    EXPECT_EQ(change_json(change, count,
                          {{parse_ip("10.0.0.2").value(), {.serving = 2, .backends = 3}},
                           {parse_ip("10.0.0.3").value(), {.error = "no answer"}}}),
              everywhere);
}

}  // namespace
}  // namespace vipfwd::api
