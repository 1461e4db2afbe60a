// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/reloads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/control/gateway/fake_dataplane.h"
#include "tests/control/table/sample.h"

namespace vipfwd::gateway {
namespace {

using config::Config;
using ConfigPtr = std::shared_ptr<const Config>;

ReloadBase base_of(const Config& config, bool dataplane_runs = false) {
    const auto shared = std::make_shared<const Config>(config);
    return {.wanted = shared,
            .in_force = shared,
            .dataplane_runs = dataplane_runs,
            .tables = {std::make_shared<const table::Tables>()}};
}

TEST(PlanReload, AFileWithErrorsHasNoPlan) {
    config::LoadOutcome loaded;
    loaded.diagnostics.push_back({.where = {3, 1}, .message = "wrong"});
    const PlannedReload planned = plan_reload(std::move(loaded), base_of(table::sample::config()));
    EXPECT_EQ(planned.wanted, nullptr);
    EXPECT_EQ(planned.trial, nullptr);
    ASSERT_EQ(planned.outcome.diagnostics.size(), 1u);
    EXPECT_EQ(planned.outcome.diagnostics[0].message, "wrong");
}

TEST(PlanReload, TellsWhatChangesAndBuildsTheRings) {
    Config changed = table::sample::config();
    changed.pools[0].backends[0].weight = 7;
    const PlannedReload planned =
        plan_reload({.config = changed, .diagnostics = {}}, base_of(table::sample::config()));
    ASSERT_NE(planned.wanted, nullptr);
    EXPECT_EQ(planned.outcome.plan.changes, (std::vector<std::string>{"pool web: weight web1 "
                                                                      "100 -> 7"}));
    EXPECT_EQ(planned.in_force->pools[0].backends[0].weight, 7u);
    ASSERT_NE(planned.trial, nullptr);
    EXPECT_EQ(planned.trial->new_rings.size(), 2u) << "nothing is in force before";
    EXPECT_FALSE(planned.outcome.applied);
}

TEST(PlanReload, TablesBeyondALimitAreAnErrorOfTheFile) {
    Config large = table::sample::config();
    large.pools[0].backends.resize(abi::kMaxBackends);
    for (std::uint32_t i = 0; i < abi::kMaxBackends; ++i)
        large.pools[0].backends[i].address = IpAddress::from_v4(Be32::from_host(0x0b000000 + i));
    const PlannedReload planned =
        plan_reload({.config = large, .diagnostics = {}}, base_of(table::sample::config()));
    EXPECT_EQ(planned.wanted, nullptr);
    ASSERT_EQ(planned.outcome.diagnostics.size(), 1u);
    EXPECT_NE(planned.outcome.diagnostics[0].message.find("the limit is"), std::string::npos);
}

// Loading the file takes until it is let through.
class ReloadsTest : public testing::Test {
  protected:
    ~ReloadsTest() override { held_ = false; }

    config::LoadOutcome load() {
        ++loads_;
        while (held_)
            std::this_thread::yield();
        return {.config = table::sample::config(), .diagnostics = {}};
    }
    void finish(PlannedReload planned, plan::Mode mode, const Reloads::Answer& answer) {
        finished_.push_back(mode);
        planned.outcome.applied = !mode.dry_run;
        plan_ = planned.outcome.plan;
        answer(planned.outcome);
    }
    void request(plan::Mode mode) {
        reloads_.request(mode, [this](const plan::Outcome&) { ++answers_; });
    }
    void let_through() { held_ = false; }
    bool run_until_answers(int count) {
        return run_until(loop_, [&] { return answers_ == count; });
    }

    ReloadBase base_ = base_of(table::sample::config());
    std::atomic<bool> held_ = true;
    std::atomic<int> loads_ = 0;
    int answers_ = 0;
    std::vector<std::uint32_t> counted_;
    table::FlowCounts counts_;
    std::vector<plan::Mode> finished_;
    plan::Plan plan_;  // that was finished last
    Loop loop_;
    Reloads reloads_{
        loop_,
        {.load = [this] { return load(); },
         .base = [this] { return base_; },
         .count =
             [this](const std::vector<std::uint32_t>& keys, const auto& answer) {
                 counted_ = keys;
                 answer(counts_);
             },
         .finish =
             [this](PlannedReload planned, plan::Mode mode, const Reloads::Answer& answer) {
                 finish(std::move(planned), mode, answer);
             }}};
};

TEST_F(ReloadsTest, RequestsThatWaitShareOneReload) {
    for (int i = 0; i < 100; ++i)
        request({});
    EXPECT_EQ(answers_, 0);
    let_through();
    ASSERT_TRUE(run_until_answers(100));
    EXPECT_EQ(loads_, 2) << "the first one had begun before the others came";
    EXPECT_EQ(finished_.size(), 2u);
}

TEST_F(ReloadsTest, EachModeHasAReloadOfItsOwnInTheOrderOfTheFirstRequests) {
    for (int i = 0; i < 2; ++i) {
        request({});
        request({.dry_run = true});
        request({.force = true});
    }
    let_through();
    ASSERT_TRUE(run_until_answers(6));
    EXPECT_EQ(finished_, (std::vector<plan::Mode>{{}, {.dry_run = true}, {.force = true}, {}}));
}

TEST_F(ReloadsTest, APlanThatDoesNotHoldAnyMoreIsMadeAgain) {
    request({});
    ASSERT_TRUE(run_until(loop_, [this] { return loads_ == 1; }));
    base_ = base_of(table::sample::config(), true);
    let_through();
    ASSERT_TRUE(run_until_answers(1));
    EXPECT_EQ(loads_, 2);
    EXPECT_EQ(finished_.size(), 1u);
}

// The file gives the service "web" the pool that it does not have in force.
TEST_F(ReloadsTest, FlowsThatAReloadResetsAreCountedBeforeItIsFinished) {
    Config in_force = table::sample::config();
    in_force.services[0].pool = 1;
    base_ = base_of(in_force, true);
    base_.tables.tables =
        std::make_shared<const table::Tables>(table::sample::must_build(in_force).tables);
    const std::uint32_t key =
        abi::WatchedBackends::key(base_.tables.tables->services[0].flow_class, 0);
    counts_.counted[key] = 3;
    request({});
    let_through();
    ASSERT_TRUE(run_until_answers(1));
    EXPECT_EQ(counted_, std::vector<std::uint32_t>{key});
    EXPECT_EQ(plan_.losses,
              std::vector<std::string>{"service 'web' goes to pool 'web': up to 3 connections "
                                       "would be reset"});
}

TEST_F(ReloadsTest, OtherWorkTakesItsTurn) {
    request({});
    bool done = false;
    int loads_before = 0;
    reloads_.run([&] { loads_before = loads_; }, [&] { done = true; });
    let_through();
    ASSERT_TRUE(run_until(loop_, [&] { return done; }));
    EXPECT_EQ(loads_before, 1);
}

}  // namespace
}  // namespace vipfwd::gateway
