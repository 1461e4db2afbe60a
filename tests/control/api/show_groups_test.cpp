// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/views.h"
#include "tests/control/api/scene.h"

namespace vipfwd::api {
namespace {

class ShowGroups : public ::testing::Test {
  protected:
    Json shown() {
        State state = scene_.state();
        state.groups = {group_};
        return show_groups(state)[0];
    }

    Scene scene_;
    GroupDescription group_{.name = "edge",
                            .port = "uplink",
                            .id = 51,
                            .state = "backup",
                            .cause = "startup",
                            .age_ms = 1500,
                            .priority = 100,
                            .configured_priority = 100,
                            .advert_interval_ms = 10,
                            .source = ip("10.0.0.1"),
                            .vips = 2};
};

TEST_F(ShowGroups, ABackupFollowsWhomItHears) {
    EXPECT_TRUE(shown()["owner"].is_null());
    EXPECT_TRUE(shown()["heard"].is_null());
    group_.heard = {{.source = ip("10.0.0.2"), .priority = 200, .interval_ms = 10, .age_ms = 3}};
    EXPECT_EQ(shown()["owner"], "10.0.0.2");
    EXPECT_EQ(shown()["heard"].dump(),
              R"({"source":"10.0.0.2","priority":200,"interval_ms":10,"vips":"same","age_ms":3})");
    group_.heard->same_vips = false;
    EXPECT_EQ(shown()["heard"]["vips"], "other");
    group_.heard->priority = 0;
    EXPECT_TRUE(shown()["owner"].is_null()) << "it has resigned";
}

TEST_F(ShowGroups, AnActiveOneOwnsTheVips) {
    group_.state = "active";
    EXPECT_EQ(shown()["owner"], "10.0.0.1");
    group_.state = "handing_over";
    EXPECT_EQ(shown()["owner"], "10.0.0.1");
}

TEST_F(ShowGroups, ThePriorityIsExplained) {
    group_.priority = 0;
    group_.chosen_priority = 150;
    group_.hindrances = {"the dataplane does not work"};
    group_.tracks = {{.what = "process haproxy",
                      .state = "bad",
                      .failure = "exit status 1",
                      .weight = -30,
                      .contribution = -30},
                     {.what = "port downlink", .state = "good", .failure = ""}};
    EXPECT_EQ(shown()["priority"].dump(),
              R"({"effective":0,"configured":100,"chosen":150,"tracks":[)"
              R"({"track":"process haproxy","state":"bad","failure":"exit status 1",)"
              R"("weight":-30,"contribution":-30},)"
              R"({"track":"port downlink","state":"good","failure":null,)"
              R"("weight":0,"contribution":0}],)"
              R"("hindrances":["the dataplane does not work"]})");
}

TEST_F(ShowGroups, SaysWhetherAdvertsAreAuthenticated) {
    EXPECT_EQ(shown()["authentication"].dump(), R"({"mode":null,"unverified":0})");
    group_.auth = "optional";
    group_.unverified = 3;
    EXPECT_EQ(shown()["authentication"].dump(), R"({"mode":"optional","unverified":3})");
}

TEST_F(ShowGroups, SaysWhatTheKernelHasOfTheVips) {
    EXPECT_TRUE(shown()["kernel_address"].is_null());
    EXPECT_EQ(shown()["accept"], true);
    group_.accept = false;
    EXPECT_EQ(shown()["accept"], false);
    group_.kernel_address = {{.present = 1, .repairs = 2, .problem = "not permitted"}};
    EXPECT_EQ(shown()["kernel_address"].dump(),
              R"({"present":1,"repairs":2,"problem":"not permitted"})");
    group_.kernel_address = {{.present = 2}};
    EXPECT_EQ(shown()["kernel_address"].dump(), R"({"present":2,"repairs":0,"problem":null})");
}

TEST_F(ShowGroups, ListsDiscardsAndTransitions) {
    group_.discards = {{"ttl", 2}, {"checksum", 0}};
    group_.transitions = {{.age_ms = 5, .from = "down", .to = "backup", .cause = "startup"}};
    EXPECT_EQ(shown()["discards"].dump(), R"({"ttl":2,"checksum":0})");
    EXPECT_EQ(shown()["transitions"].dump(),
              R"([{"age_ms":5,"from":"down","to":"backup","cause":"startup"}])");
}

}  // namespace
}  // namespace vipfwd::api
