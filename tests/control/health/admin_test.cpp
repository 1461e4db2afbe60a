// SPDX-License-Identifier: Apache-2.0
#include "control/health/admin.h"

#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"

namespace vipfwd::health {
namespace {

using abi::BackendAdmin;

const IpAddress kFirst = parse_ip("10.0.0.11").value();
const IpAddress kSecond = parse_ip("10.0.0.12").value();

TEST(AdminChoices, ABackendIsReadyUnlessChosenOtherwise) {
    AdminChoices choices;
    EXPECT_EQ(choices.find("web", kFirst), AdminChoice());
    choices.set("web", kFirst, {.state = BackendAdmin::kDrain});
    EXPECT_EQ(choices.find("web", kFirst).state, BackendAdmin::kDrain);
    EXPECT_EQ(choices.find("web", kSecond).state, BackendAdmin::kReady);
    EXPECT_EQ(choices.find("db", kFirst).state, BackendAdmin::kReady) << "of another pool";
    choices.set("web", kFirst, {});
    EXPECT_EQ(choices, AdminChoices());
}

TEST(AdminChoices, ThoseForRemovedBackendsAreForgotten) {
    config::Config config;
    config.pools.resize(1);
    config.pools[0].name = "web";
    config.pools[0].backends.resize(1);
    config.pools[0].backends[0].address = kFirst;
    AdminChoices choices;
    choices.set("web", kFirst, {.weight = 7});
    choices.set("web", kSecond, {.weight = 8});
    choices.retain(config);
    EXPECT_EQ(choices.find("web", kFirst).weight, 7u);
    EXPECT_EQ(choices.find("web", kSecond).weight, std::nullopt);
}

TEST(AdminChoices, ThoseForRenamedPoolsGoOn) {
    AdminChoices choices;
    choices.set("web", kFirst, {.weight = 7});
    choices.set("new", kFirst, {.weight = 8});
    choices.rename_pools({{"web", "new"}, {"new", "newer"}, {"db", "old"}});
    EXPECT_EQ(choices.find("new", kFirst).weight, 7u);
    EXPECT_EQ(choices.find("newer", kFirst).weight, 8u);
    EXPECT_EQ(choices.find("web", kFirst).weight, std::nullopt);
    EXPECT_EQ(choices.find("old", kFirst).weight, std::nullopt);
}

TEST(AdminChoices, ADeadlineIsFoundOnce) {
    AdminChoices choices;
    choices.set("web", kFirst, {.state = BackendAdmin::kMaint, .flows_move_at_s = 100});
    choices.set("web", kSecond, {.state = BackendAdmin::kDrain, .flows_move_at_s = 50});
    EXPECT_FALSE(choices.any_deadline_in(0, 99));
    EXPECT_TRUE(choices.any_deadline_in(99, 100));
    EXPECT_FALSE(choices.any_deadline_in(100, 200));
}

class WithChange : public ::testing::Test {
  protected:
    WithChange() {
        config_.pools.resize(1);
        config_.pools[0].name = "web";
        config_.pools[0].backends.resize(2);
        config_.pools[0].backends[0].name = "web1";
        config_.pools[0].backends[0].address = kFirst;
        config_.pools[0].backends[1].name = "web2";
        config_.pools[0].backends[1].address = kSecond;
    }

    Result<AdminChoices> change(const AdminChange& change) {
        return with_change(choices_, config_, change, 1000);
    }

    config::Config config_;
    AdminChoices choices_;
};

TEST_F(WithChange, ABackendIsFoundByNameOrAddress) {
    for (const char* const name : {"web2", "10.0.0.12"}) {
        const auto changed =
            change({.pool = "web", .backend = name, .state = BackendAdmin::kDrain});
        ASSERT_TRUE(changed);
        EXPECT_EQ(changed->find("web", kSecond).state, BackendAdmin::kDrain);
    }
}

TEST_F(WithChange, WhatIsNotGivenStays) {
    choices_.set("web", kFirst, {.state = BackendAdmin::kDrain, .weight = 5});
    const auto ready = change({.pool = "web", .backend = "web1", .state = BackendAdmin::kReady});
    EXPECT_EQ(ready->find("web", kFirst), (AdminChoice{.weight = 5}));
    const auto configured =
        change({.pool = "web", .backend = "web1", .changes_weight = true, .weight = {}});
    EXPECT_EQ(configured->find("web", kFirst), (AdminChoice{.state = BackendAdmin::kDrain}));
}

TEST_F(WithChange, ADeadlineBeginsWithTheCommand) {
    const auto changed = change({.pool = "web",
                                 .backend = "web1",
                                 .state = BackendAdmin::kMaint,
                                 .flows_move_after_s = 60});
    EXPECT_EQ(changed->find("web", kFirst).flows_move_at_s, 1060u);
}

TEST_F(WithChange, UnknownNamesAreRejectedWithASuggestion) {
    EXPECT_EQ(change({.pool = "wbe", .backend = "web1"}).error().message,
              "there is no pool 'wbe'; did you mean 'web'?");
    EXPECT_EQ(change({.pool = "web", .backend = "web11"}).error().message,
              "there is no backend of pool 'web' named 'web11'; did you mean 'web1'?");
}

}  // namespace
}  // namespace vipfwd::health
