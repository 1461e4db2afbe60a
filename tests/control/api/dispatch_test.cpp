// SPDX-License-Identifier: Apache-2.0
#include "control/api/dispatch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

#include "control/loop/background.h"
#include "control/protocol/commands.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using config::Diagnostic;
using protocol::Response;
using view::Scene;

constexpr const char* kConfig = R"([gateway]
name = "test"
[[port]]
name = "uplink"
device = "in.pcap"
output = "out.pcap"
driver = "pcap"
mac = "02:00:00:00:00:01"
addresses = ["10.0.0.1/24"]
)";

class DispatchTest : public ::testing::Test {
  protected:
    Response ask(const std::string& command, Json arguments = Json::object()) {
        const Hooks hooks = {
            .source = [this] { return scene_.source(); },
            .snapshot = [this] { return scene_.snapshot(); },
            .run_beside =
                [this](const auto& work, const auto& done) {
                    work();
                    meanwhile_();
                    done();
                },
            .run_in_turn_with_reloads =
                [this](const auto& work, const auto& done) {
                    ++checks_;
                    work();
                    done();
                },
            .apply =
                [this](plan::Mode mode, const auto& answer) {
                    const bool applies = !mode.dry_run && (mode.force || plan_.losses.empty());
                    applied_ += applies ? 1 : 0;
                    answer({.diagnostics = diagnostics_, .plan = plan_, .applied = applies});
                },
            .hand_over = [this](const std::string& name) { return note("handover " + name); },
            .set_priority =
                [this](const std::string& name, std::optional<std::uint8_t> priority) {
                    return note("priority " + name + " " +
                                (priority ? std::to_string(*priority) : "configured"));
                },
            .set_enabled =
                [this](const std::string& name, bool enabled) {
                    return note((enabled ? "enable " : "disable ") + name);
                },
            .change_backend =
                [this](const health::AdminChange& change, bool on_all_gateways,
                       const auto& answer) {
                    change_ = change;
                    (void)note("change " + change.backend);
                    answer(on_all_gateways ? peers_ : std::vector<group::PeerOutcome>());
                },
        };
        Response given;
        int responses = 0;
        dispatch(hooks, {command, std::move(arguments)}, access_, [&](const Response& response) {
            given = response;
            ++responses;
        });
        EXPECT_EQ(responses, 1);
        return protocol::parse_response(protocol::to_line(given)).value();
    }

    Result<void> note(const std::string& what) {
        done_ = what;
        return what.ends_with(" nobody") ? Result<void>(Error{"no such group"}) : Result<void>();
    }

    Scene scene_;
    std::function<void()> meanwhile_ = [] {};  // after work beside the loop
    Access access_ = Access::kAll;
    std::string done_;
    health::AdminChange change_;
    std::vector<group::PeerOutcome> peers_;
    int checks_ = 0;
    int applied_ = 0;
    std::vector<Diagnostic> diagnostics_;
    plan::Plan plan_;
};

// Arguments that a command accepts: a value for each required parameter.
Json arguments_for(const protocol::CommandInfo& info) {
    const std::map<std::string_view, const char*> values = {
        {"protocol", "tcp"},
        {"source", "192.0.2.7"},
        {"source_port", "1"},
        {"destination", "10.0.0.100"},
        {"destination_port", "80"},
        {"group", "edge"},
        {"priority", "150"},
        {"text", kConfig},
        {"pool", "web"},
        {"backend", "web1"},
        {"weight", "7"},
    };
    Json arguments = Json::object();
    for (const protocol::Parameter& parameter : info.parameters) {
        if (parameter.required)
            arguments[std::string(parameter.name)] = values.at(parameter.name);
    }
    return arguments;
}

TEST_F(DispatchTest, EveryCommandIsAnswered) {
    scene_.start_dataplane();
    for (const protocol::CommandInfo& info : protocol::kCommands) {
        const Response response = ask(std::string(info.name), arguments_for(info));
        EXPECT_TRUE(response.ok) << info.name << ": " << response.error;
    }
}

TEST_F(DispatchTest, OnlyCommandsThatAreListedAsChangesChangeSomething) {
    scene_.start_dataplane();
    for (const protocol::CommandInfo& info : protocol::kCommands) {
        done_.clear();
        applied_ = 0;
        ask(std::string(info.name), arguments_for(info));
        const bool changed = !done_.empty() || applied_ > 0;
        EXPECT_EQ(changed, info.effect == protocol::Effect::kChanges) << info.name;
    }
}

TEST_F(DispatchTest, AReaderMayOnlyLookAtTheGateway) {
    scene_.start_dataplane();
    access_ = Access::kRead;
    for (const protocol::CommandInfo& info : protocol::kCommands) {
        const Response response = ask(std::string(info.name), arguments_for(info));
        EXPECT_EQ(response.ok, info.name.starts_with("show") || info.name == "lookup") << info.name;
        EXPECT_TRUE(response.ok ||
                    response.error.find("only root and control's user") != std::string::npos)
            << response.error;
    }
    EXPECT_EQ(done_, "");
    EXPECT_EQ(applied_, 0);
    EXPECT_EQ(checks_, 0) << "it would read the files that the text names";
}

TEST_F(DispatchTest, AFlowIsLookedUp) {
    scene_.start_dataplane();
    const Json flow = arguments_for(protocol::info_of(protocol::Command::kLookup));
    EXPECT_EQ(ask("lookup", flow).result["service"], "web");
}

TEST_F(DispatchTest, GroupCommandsReachTheGroup) {
    EXPECT_EQ(ask("group handover", {{"group", "edge"}}).result["group"], "edge");
    EXPECT_EQ(done_, "handover edge");
    ask("group disable", {{"group", "edge"}});
    EXPECT_EQ(done_, "disable edge");
    ask("group enable", {{"group", "edge"}});
    EXPECT_EQ(done_, "enable edge");
    EXPECT_TRUE(ask("group priority", {{"group", "edge"}, {"priority", "254"}}).ok);
    EXPECT_EQ(done_, "priority edge 254");
    EXPECT_TRUE(ask("group priority", {{"group", "edge"}, {"priority", "configured"}}).ok);
    EXPECT_EQ(done_, "priority edge configured");
    EXPECT_EQ(ask("group handover", {{"group", "nobody"}}).error, "no such group");
    EXPECT_FALSE(ask("group handover").ok) << "no group is named";
    for (const char* priority : {"0", "255", "256", "-1", "1x", ""})
        EXPECT_FALSE(ask("group priority", {{"group", "edge"}, {"priority", priority}}).ok);
}

TEST_F(DispatchTest, ArgumentsReachTheView) {
    EXPECT_EQ(ask("show backends", {{"pool", "db"}}).result.size(), 1u);
    EXPECT_TRUE(ask("show drops", {{"all", false}}).result.empty());
    EXPECT_FALSE(ask("show drops", {{"all", true}}).result.empty());
}

TEST_F(DispatchTest, TheLoopGoesOnWhileAResultIsMade) {
    scene_.start_dataplane();
    Loop loop;
    Background thread(loop, "test");
    std::atomic<bool> released = false;
    Hooks hooks;
    hooks.source = [this] { return scene_.source(); };
    hooks.snapshot = [&] {
        view::Snapshot snapshot = scene_.snapshot();
        snapshot.find_hop = [&](const IpAddress&) {
            while (!released)
                std::this_thread::yield();
            return net::Hop{};
        };
        return snapshot;
    };
    hooks.run_beside = [&](auto work, auto done) {
        thread.run(Background::Priority::kNormal, std::move(work), std::move(done));
    };
    bool ok = false;
    dispatch(hooks, {"show backends"}, Access::kRead, [&](const Response& response) {
        ok = response.ok && released;
        loop.stop();
    });
    Timer release(loop, [&] { released = true; });
    release.fire_after(1);
    loop.run();
    EXPECT_TRUE(ok);
}

TEST_F(DispatchTest, AResultIsMadeAgainIfItsRingsWereOverwrittenMeanwhile) {
    scene_.start_dataplane();
    int made = 0;
    meanwhile_ = [&] {
        if (++made == 1)
            scene_.config.pools[1].backends[0].weight = 0;
        scene_.publish();
    };
    EXPECT_EQ(ask("show backends", {{"pool", "db"}}).result[0]["slots"], 0);
    EXPECT_EQ(made, 2) << "the second generation has the same rings as the first";
}

TEST_F(DispatchTest, AResultIsNotMadeAgainWithoutEnd) {
    scene_.start_dataplane();
    int made = 0;
    meanwhile_ = [&] {
        scene_.config.pools[1].backends[0].weight = 100 + ++made;
        scene_.config.pools[0].backends[0].weight = 100 + made;
        scene_.publish();
    };
    EXPECT_TRUE(ask("show backends").ok);
    EXPECT_EQ(made, 3);
}

TEST_F(DispatchTest, AMisspeltCommandIsRejectedWithASuggestion) {
    const Response response = ask("show servces");
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(response.error, "unknown command 'show servces'; did you mean 'show services'?");
    EXPECT_FALSE(ask("").ok);
}

TEST_F(DispatchTest, ArgumentsThatDoNotMatchTheParametersAreRejected) {
    EXPECT_EQ(ask("show status", {{"all", true}}).error, "show status: unknown argument 'all'");
    EXPECT_EQ(ask("show drops", {{"all", "yes"}}).error,
              "show drops: argument 'all' must be true or false");
    EXPECT_EQ(ask("show backends", {{"pool", Json::array()}}).error,
              "show backends: argument 'pool' must be a string");
    EXPECT_EQ(ask("lookup", {{"protocol", "tcp"}}).error, "lookup: argument 'source' is missing");
}

TEST_F(DispatchTest, ABadAddressIsRejected) {
    const Response response = ask("lookup", {{"protocol", "tcp"},
                                             {"source", "192.0.2.700"},
                                             {"source_port", "1"},
                                             {"destination", "10.0.0.100"},
                                             {"destination_port", "80"}});
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(response.error, "'192.0.2.700' is not an IPv4 or IPv6 address");
}

TEST_F(DispatchTest, ABackendIsChangedAndTheAnswerSaysWhatIsLeftOfItsPool) {
    scene_.start_dataplane();
    const Response response = ask("backend drain", {{"pool", "web"}, {"backend", "web1"}});
    ASSERT_TRUE(response.ok);
    EXPECT_EQ(response.result,
              Json({{"pool", "web"}, {"backend", "web1"}, {"serving", 3}, {"backends", 3}}));
    EXPECT_EQ(change_.pool, "web");
    EXPECT_EQ(change_.state, abi::BackendAdmin::kDrain);
    EXPECT_FALSE(change_.changes_weight);
}

TEST_F(DispatchTest, ABackendIsChangedOnAllGateways) {
    scene_.start_dataplane();
    peers_ = {{parse_ip("10.0.0.2").value(), {.error = "", .serving = 2, .backends = 3}}};
    const Json here = {{"pool", "web"}, {"backend", "web1"}};
    EXPECT_FALSE(ask("backend drain", here).result.contains("peers"));
    Json everywhere = here;
    everywhere["all"] = true;
    EXPECT_EQ(ask("backend drain", everywhere).result["peers"][0]["gateway"], "10.0.0.2");
}

TEST_F(DispatchTest, ABadDeadlineChangesNothing) {
    const Response response =
        ask("backend maint", {{"pool", "web"}, {"backend", "web1"}, {"deadline", "soon"}});
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(done_, "");
}

TEST_F(DispatchTest, TheTextOfAConfigurationIsChecked) {
    const Response good =
        ask("config check", {{"path", "/etc/vipfwd/new.toml"}, {"text", kConfig}});
    EXPECT_TRUE(good.ok) << good.error;
    EXPECT_EQ(good.result["path"], "/etc/vipfwd/new.toml");
    const Response bad = ask("config check", {{"path", "/etc/vipfwd/new.toml"},
                                              {"text", std::string(kConfig) + "[gatewya]\n"}});
    EXPECT_FALSE(bad.ok);
    ASSERT_EQ(bad.details.size(), 1u);
    EXPECT_TRUE(bad.details[0].starts_with("/etc/vipfwd/new.toml:10:")) << bad.details[0];
    EXPECT_EQ(checks_, 2);
    EXPECT_EQ(applied_, 0);
}

TEST_F(DispatchTest, ATextWithoutAPathIsThatOfControlsFile) {
    EXPECT_EQ(ask("config check", {{"text", kConfig}}).result["path"], scene_.path);
    EXPECT_FALSE(ask("config check", {{"path", scene_.path}}).ok) << "control does not read it";
}

TEST_F(DispatchTest, ACheckTellsWhoElseMayWriteToTheFile) {
    std::string path = testing::TempDir() + "dispatch_test.XXXXXX";
    const abi::Fd file(mkstemp(path.data()));
    ASSERT_EQ(fchmod(file.get(), 0666), 0);
    const Response response = ask("config check", {{"path", path}, {"text", kConfig}});
    unlink(path.c_str());
    EXPECT_FALSE(response.ok);
    ASSERT_EQ(response.details.size(), 1u);
    EXPECT_NE(response.details[0].find("others may write to '" + path + "'"), std::string::npos)
        << response.details[0];
}

TEST_F(DispatchTest, AConfigurationWithWarningsIsApplied) {
    diagnostics_ = {{Diagnostic::Severity::kWarning, {3, 1}, "checks are not run yet"}};
    const Response response = ask("config apply");
    EXPECT_TRUE(response.ok);
    EXPECT_EQ(applied_, 1);
    EXPECT_EQ(response.result["warnings"],
              Json({"/etc/vipfwd/vipfwd.toml:3:1: warning: checks are not run yet"}));
}

TEST_F(DispatchTest, ApplyTellsWhatChangesAndWhatWaits) {
    plan_.changes = {"adds pool db"};
    plan_.waiting = {"gateway: workers 1 -> 2"};
    const Response response = ask("config apply");
    EXPECT_EQ(response.result["applied"], true);
    EXPECT_EQ(response.result["changes"], Json({"adds pool db"}));
    EXPECT_EQ(response.result["waiting"], Json({"gateway: workers 1 -> 2"}));
    EXPECT_EQ(response.result["losses"], Json::array());
}

TEST_F(DispatchTest, WhatTakesServiceAwayIsAppliedByForceOnly) {
    plan_.losses = {"VIP 10.0.0.100 loses its last service, 'web'"};
    const Response refused = ask("config apply");
    EXPECT_FALSE(refused.ok);
    EXPECT_EQ(
        refused.error,
        "/etc/vipfwd/vipfwd.toml takes service or connections away; nothing is changed. If that is "
        "meant, apply it with --force");
    EXPECT_EQ(refused.details, plan_.losses);
    EXPECT_EQ(applied_, 0);
    const Response tried = ask("config apply", {{"dry_run", true}});
    EXPECT_EQ(tried.result["applied"], false);
    EXPECT_EQ(tried.result["losses"], Json(plan_.losses));
    EXPECT_EQ(applied_, 0);
    EXPECT_EQ(ask("config apply", {{"force", true}}).result["applied"], true);
    EXPECT_EQ(applied_, 1);
}

TEST_F(DispatchTest, ARejectionListsAllErrors) {
    diagnostics_ = {{Diagnostic::Severity::kWarning, {3, 1}, "checks are not run yet"},
                    {Diagnostic::Severity::kError, {4, 2}, "unknown key 'naem'"},
                    {Diagnostic::Severity::kError, {9, 1}, "there is no pool 'wbe'"}};
    const Response response = ask("config apply");
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(response.error, "/etc/vipfwd/vipfwd.toml has 2 errors; nothing is changed");
    ASSERT_EQ(response.details.size(), 3u);
    EXPECT_EQ(response.details[1], "/etc/vipfwd/vipfwd.toml:4:2: error: unknown key 'naem'");
    diagnostics_.pop_back();
    EXPECT_EQ(ask("config apply").error, "/etc/vipfwd/vipfwd.toml has 1 error; nothing is changed");
}

}  // namespace
}  // namespace vipfwd::api
