// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "control/api/show.h"
#include "tests/control/view/gateway_scene.h"

namespace vipfwd::api {
namespace {

using table::sample::ip;
using view::Scene;

class ShowGroups : public ::testing::Test {
  protected:
    Json shown() {
        view::Source source = scene_.source();
        source.groups = {group_};
        return show_groups(source)[0];
    }

    Scene scene_;
    group::GroupStatus group_{.name = "edge",
                              .port = "uplink",
                              .id = 51,
                              .state = vrrp::State::kBackup,
                              .cause = vrrp::Cause::kStartup,
                              .state_age_ms = 1500,
                              .effective_priority = 100,
                              .configured_priority = 100,
                              .advert_interval_ms = 10,
                              .source = ip("10.0.0.1"),
                              .vips = 2};
};

TEST_F(ShowGroups, ABackupFollowsWhomItHears) {
    EXPECT_TRUE(shown()["owner"].is_null());
    EXPECT_TRUE(shown()["heard"].is_null());
    group_.last_advert = {
        {.source = ip("10.0.0.2"), .priority = 200, .interval_ms = 10, .age_ms = 3}};
    EXPECT_EQ(shown()["owner"], "10.0.0.2");
    EXPECT_EQ(shown()["heard"].dump(),
              R"({"source":"10.0.0.2","priority":200,"interval_ms":10,"vips":"same","age_ms":3})");
    group_.last_advert->same_vips = false;
    EXPECT_EQ(shown()["heard"]["vips"], "other");
    group_.last_advert->priority = 0;
    EXPECT_TRUE(shown()["owner"].is_null()) << "it has resigned";
}

TEST_F(ShowGroups, AnActiveOneOwnsTheVips) {
    group_.state = vrrp::State::kActive;
    EXPECT_EQ(shown()["owner"], "10.0.0.1");
    group_.state = vrrp::State::kHandingOver;
    EXPECT_EQ(shown()["owner"], "10.0.0.1");
}

TEST_F(ShowGroups, ThePriorityIsExplained) {
    group_.effective_priority = 0;
    group_.chosen_priority = 150;
    group_.hindrances = {{group::Hindrance::Kind::kDataplaneNotForwarding}};
    group_.tracks = {{.what = "process haproxy",
                      .failure = "exit status 1",
                      .weight = -30,
                      .verdict = health::Verdict::kBad},
                     {.what = "port downlink", .failure = "", .verdict = health::Verdict::kGood}};
    EXPECT_EQ(shown()["priority"].dump(),
              R"({"effective":0,"configured":100,"chosen":150,"tracks":[)"
              R"({"track":"process haproxy","state":"bad","failure":"exit status 1",)"
              R"("weight":-30,"contribution":-30},)"
              R"({"track":"port downlink","state":"good","failure":null,)"
              R"("weight":0,"contribution":0}],)"
              R"("hindrances":["the dataplane is not forwarding"]})");
}

TEST_F(ShowGroups, SaysWhetherAdvertsAreAuthenticated) {
    EXPECT_EQ(shown()["authentication"].dump(), R"({"mode":null,"unverified":0})");
    group_.authentication = group::GroupStatus::Authentication::kOptional;
    group_.unverified_adverts = 3;
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

TEST_F(ShowGroups, ListsDiscardsWarningsAndTransitions) {
    group_.discards[static_cast<std::size_t>(vrrp::Discard::kTtl)] = 2;
    group_.transitions = {{.age_ms = 5,
                           .from = vrrp::State::kDown,
                           .to = vrrp::State::kBackup,
                           .cause = vrrp::Cause::kStartup}};
    EXPECT_EQ(shown()["discards"]["ttl"], 2);
    EXPECT_EQ(shown()["discards"]["checksum"], 0);
    EXPECT_EQ(shown()["discards"].size(), vrrp::kDiscardCount);
    EXPECT_TRUE(shown()["warnings"].empty());
    group_.warnings = {{.reason = "version",
                        .source = "10.0.0.2",
                        .text = "10.0.0.2 advertises with VRRP version 2",
                        .count = 3,
                        .age_ms = 40}};
    EXPECT_EQ(shown()["warnings"].dump(),
              R"([{"reason":"version","source":"10.0.0.2","vip":null,)"
              R"("text":"10.0.0.2 advertises with VRRP version 2","count":3,"age_ms":40}])");
    EXPECT_EQ(shown()["transitions"].dump(),
              R"([{"age_ms":5,"from":"down","to":"backup","cause":"startup"}])");
}

}  // namespace
}  // namespace vipfwd::api
