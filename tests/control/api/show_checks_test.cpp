// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/show.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using Kind = health::ProbeResult::Kind;

class ShowChecks : public ::testing::Test {
  protected:
    ShowChecks() {
        scene_.start_dataplane();
        scene_.check_pool(1);
    }
    Json row() { return Json::parse(show_checks(scene_.snapshot())).at(0); }

    view::Scene scene_;
};

TEST_F(ShowChecks, BeforeTheFirstResultHealthIsUnknown) {
    EXPECT_EQ(
        show_checks(scene_.snapshot()),
        R"([{"name":"tcp 10.0.0.21:80","type":"tcp","via":"direct","address":"10.0.0.21",)"
        R"("port":80,"backends":1,"health":"unknown","interval_ms":1000,"fast_interval_ms":200,)"
        R"("timeout_ms":500,"rise":2,"fall":3,)"
        R"("results":{"good":0,"unreachable":0,"failed":0,"none":0},"held_down_s":0,)"
        R"("health_age_ms":null,"why":null,"last":null,"latency_us":null}])");
}

TEST_F(ShowChecks, AFailureIsExplained) {
    scene_.give(1, 0, {Kind::kUnreachable, "no route to host"});
    EXPECT_EQ(row()["health"], "down");
    EXPECT_EQ(row()["why"], "no route to host");
    EXPECT_EQ(row()["results"]["unreachable"], 1);
    EXPECT_EQ(row()["last"]["result"], "unreachable");
    EXPECT_LT(row()["last"]["age_ms"], 60'000);
    EXPECT_LT(row()["health_age_ms"], 60'000);
}

TEST_F(ShowChecks, LatenciesAreThoseOfGoodResults) {
    scene_.give(1, 0, {Kind::kGood});
    EXPECT_EQ(row()["health"], "up");
    EXPECT_EQ(row()["latency_us"], Json({{"last", 250}, {"p50", 250}, {"p99", 250}}));
    EXPECT_EQ(row()["last"]["reason"], "");
}

TEST_F(ShowChecks, APathIsShownWithItsMtu) {
    EXPECT_FALSE(row().contains("path_mtu"));
    scene_.measure_path(1, 0, {.wanted = 1600, .found = 1500});
    EXPECT_EQ(row()["path_mtu"], Json({{"wanted", 1600}, {"found", 1500}}));
}

TEST_F(ShowChecks, AnAgentIsShownWithItsLastAnswer) {
    EXPECT_FALSE(row().contains("agent"));
    scene_.config.pools[1].check.agent_port = 9999;
    scene_.give(1, 0, {Kind::kGood});
    scene_.let_agent_say(1, 0, "drain 40%");
    EXPECT_EQ(row()["agent"]["answer"],
              Json({{"state", "drain"}, {"weight_percent", 40}, {"line", "drain 40%"}}));
    EXPECT_EQ(row()["agent"]["last"]["result"], "good");
    scene_.publish();
    const Json backend = Json::parse(show_backends(scene_.snapshot(), "db").value()).at(0);
    EXPECT_EQ(backend["admin"], "agent-drain");
    EXPECT_EQ(backend["weight"], 40);
    EXPECT_EQ(backend["agent"]["answer"]["line"], "drain 40%");
}

TEST_F(ShowChecks, BackendsHaveTheFieldsOfTheirCheck) {
    scene_.give(1, 0, {Kind::kFailed, "HTTP status 503"});
    scene_.publish();
    const Json backends = Json::parse(show_backends(scene_.snapshot(), "db").value());
    EXPECT_EQ(backends[0]["state"], "down");
    EXPECT_EQ(backends[0]["health"], "down");
    EXPECT_EQ(backends[0]["why"], "HTTP status 503");
    EXPECT_EQ(backends[0]["last"]["result"], "failed");
    const Json services = Json::parse(show_services(scene_.snapshot()));
    EXPECT_EQ(services[1]["backends"],
              Json({{"serving", 0}, {"draining", 0}, {"down", 1}, {"standby", 0}, {"total", 1}}));
}

}  // namespace
}  // namespace vipfwd::api
