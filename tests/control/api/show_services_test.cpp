// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/show.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using table::sample::ip;
using view::Scene;

Json services_of(const Scene& scene) {
    return Json::parse(show_services(scene.snapshot()));
}

TEST(ShowServices, BeforeADataplaneCameTheyAreShownAsConfigured) {
    const Scene scene;
    EXPECT_EQ(services_of(scene)[0].dump(),
              R"({"name":"web","vip":"10.0.0.100","protocol":"tcp","port":"80","pool":"web",)"
              R"("forward":"ipip","affinity":"none","pin_flows":true,)"
              R"("backends":{"serving":0,"draining":0,"down":0,"standby":0,"total":3},)"
              R"("fails_open":false,"packets":0,"bytes":0})");
}

TEST(ShowServices, HowFlowsAreTreatedIsWrittenAsInTheConfiguration) {
    Scene scene;
    scene.config.services[0].forward = abi::Forward::kGue;
    scene.config.services[0].affinity = abi::Affinity::kSource;
    scene.config.services[1].forward = abi::Forward::kL2;
    scene.config.services[1].pin_flows = false;
    const Json shown = services_of(scene);
    EXPECT_EQ(shown[0]["forward"], "gue");
    EXPECT_EQ(shown[0]["affinity"], "source");
    EXPECT_EQ(shown[1]["forward"], "l2");
    EXPECT_EQ(shown[1]["affinity"], "none");
    EXPECT_EQ(shown[0]["pin_flows"], true);
    EXPECT_EQ(shown[1]["pin_flows"], false);
}

TEST(ShowServices, PortsAreWrittenAsInTheConfiguration) {
    Scene scene;
    scene.config.services[0].port_first = 8000;
    scene.config.services[0].port_last = 8099;
    scene.config.services[1].port_first = 0;
    scene.config.services[1].port_last = 65535;
    const Json shown = services_of(scene);
    EXPECT_EQ(shown[0]["port"], "8000-8099");
    EXPECT_EQ(shown[1]["port"], "any");
}

TEST(ShowServices, ABackendOfWeightZeroDrains) {
    Scene scene;
    scene.config.pools[0].backends[1].weight = 0;
    scene.start_dataplane();
    EXPECT_EQ(services_of(scene)[0]["backends"].dump(),
              R"({"serving":2,"draining":1,"down":0,"standby":0,"total":3})");
}

TEST(ShowServices, TrafficIsThatOfAllWorkersSinceTheServiceGotItsCounter) {
    Scene scene;
    scene.start_dataplane();
    const std::uint32_t counter = scene.publisher->in_force().services[1].counter;
    scene.status().services[0][counter].packets.set(7);
    scene.status().services[5][counter].packets.set(3);
    scene.status().services[5][counter].bytes.set(640);
    Json shown = services_of(scene);
    EXPECT_EQ(shown[0]["packets"], 0);
    EXPECT_EQ(shown[1]["packets"], 10);
    EXPECT_EQ(shown[1]["bytes"], 640);

    // A counter that another service had before starts from where that one left off.
    scene.config.services.erase(scene.config.services.begin() + 1);
    scene.publish();
    scene.config.services.push_back(table::sample::service("dns", "10.0.0.102", 53, 1));
    scene.publish();
    shown = services_of(scene);
    EXPECT_EQ(shown[1]["name"], "dns");
    EXPECT_EQ(shown[1]["packets"], 0);
}

TEST(ShowServices, ARetiredBackendIsNotCounted) {
    Scene scene;
    scene.start_dataplane();
    scene.config.pools[0].backends.pop_back();
    scene.publish();
    EXPECT_EQ(services_of(scene)[0]["backends"].dump(),
              R"({"serving":2,"draining":0,"down":0,"standby":0,"total":2})");
}

}  // namespace
}  // namespace vipfwd::api
