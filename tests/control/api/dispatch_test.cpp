// SPDX-License-Identifier: Apache-2.0
#include "control/api/dispatch.h"

#include <gtest/gtest.h>

#include "tests/control/api/scene.h"

namespace vipfwd::api {
namespace {

using config::Diagnostic;

class DispatchTest : public ::testing::Test {
  protected:
    Response ask(const std::string& command, Json arguments = Json::object()) {
        const Hooks hooks = {
            .state = [this] { return scene_.state(); },
            .check =
                [this](const std::string& path) {
                    checked_ = path;
                    return diagnostics_;
                },
            .apply =
                [this] {
                    ++applied_;
                    return diagnostics_;
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
        };
        return dispatch(hooks, {command, std::move(arguments)});
    }

    Result<void> note(const std::string& what) {
        done_ = what;
        return what.ends_with(" nobody") ? Result<void>(Error{"no such group"}) : Result<void>();
    }

    Scene scene_;
    std::string done_;
    std::string checked_;
    int applied_ = 0;
    std::vector<Diagnostic> diagnostics_;
};

TEST_F(DispatchTest, EveryCommandIsAnswered) {
    scene_.start_dataplane();
    for (const char* command :
         {"show status", "show services", "show backends", "show ports", "show workers",
          "show groups", "show drops", "config check", "config apply"}) {
        const Response response = ask(command);
        EXPECT_TRUE(response.ok) << command << ": " << response.error;
    }
    const Response found = ask("lookup", {{"protocol", "tcp"},
                                          {"source", "192.0.2.7"},
                                          {"source_port", "1"},
                                          {"destination", "10.0.0.100"},
                                          {"destination_port", "80"}});
    EXPECT_EQ(found.result["service"], "web");
}

TEST_F(DispatchTest, GroupsAreCommanded) {
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
    EXPECT_FALSE(ask("group handover").ok) << "which?";
    for (const char* priority : {"0", "255", "256", "-1", "1x", ""})
        EXPECT_FALSE(ask("group priority", {{"group", "edge"}, {"priority", priority}}).ok);
}

TEST_F(DispatchTest, ArgumentsArePassedOn) {
    EXPECT_EQ(ask("show backends", {{"pool", "db"}}).result.size(), 1u);
    EXPECT_TRUE(ask("show drops", {{"all", false}}).result.empty());
    EXPECT_FALSE(ask("show drops", {{"all", true}}).result.empty());
}

TEST_F(DispatchTest, AMisspeltCommandIsRejectedWithASuggestion) {
    const Response response = ask("show servces");
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(response.error, "unknown command 'show servces'; did you mean 'show services'?");
    EXPECT_FALSE(ask("").ok);
}

TEST_F(DispatchTest, ArgumentsThatDoNotFitAreRejected) {
    EXPECT_EQ(ask("show status", {{"all", true}}).error, "show status: unknown argument 'all'");
    EXPECT_EQ(ask("show drops", {{"all", "yes"}}).error,
              "show drops: argument 'all' is true or false");
    EXPECT_EQ(ask("show backends", {{"pool", Json::array()}}).error,
              "show backends: argument 'pool' is a text");
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

TEST_F(DispatchTest, WithoutAPathControlsOwnFileIsChecked) {
    EXPECT_EQ(ask("config check").result["path"], scene_.path);
    EXPECT_EQ(checked_, scene_.path);
    EXPECT_EQ(ask("config check", {{"path", "/tmp/new.toml"}}).result["path"], "/tmp/new.toml");
    EXPECT_EQ(checked_, "/tmp/new.toml");
    EXPECT_EQ(applied_, 0);
}

TEST_F(DispatchTest, WarningsDoNotKeepAConfigurationFromBeingApplied) {
    diagnostics_ = {{Diagnostic::Severity::kWarning, {3, 1}, "checks are not run yet"}};
    const Response response = ask("config apply");
    EXPECT_TRUE(response.ok);
    EXPECT_EQ(applied_, 1);
    EXPECT_EQ(response.result["warnings"],
              Json({"/etc/vipfwd/vipfwd.toml:3:1: warning: checks are not run yet"}));
}

TEST_F(DispatchTest, ErrorsRejectAndAreAllNamed) {
    diagnostics_ = {{Diagnostic::Severity::kWarning, {3, 1}, "checks are not run yet"},
                    {Diagnostic::Severity::kError, {4, 2}, "unknown key 'naem'"},
                    {Diagnostic::Severity::kError, {9, 1}, "there is no pool 'wbe'"}};
    const Response response = ask("config apply");
    EXPECT_FALSE(response.ok);
    EXPECT_EQ(response.error, "/etc/vipfwd/vipfwd.toml has 2 errors; nothing is changed");
    ASSERT_EQ(response.details.size(), 3u);
    EXPECT_EQ(response.details[1], "/etc/vipfwd/vipfwd.toml:4:2: error: unknown key 'naem'");
    diagnostics_.pop_back();
    EXPECT_EQ(ask("config check").error, "/etc/vipfwd/vipfwd.toml has 1 error");
}

}  // namespace
}  // namespace vipfwd::api
