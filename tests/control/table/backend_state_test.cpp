// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_state.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

using abi::BackendHealth;
using abi::BackendState;
using config::OnDown;
using health::Standing;
using health::Verdict;

constexpr bool kUnreachable = true;
constexpr bool kUdp = true;

Standing up() {
    return {.verdict = Verdict::kGood};
}

Standing down(bool is_host_unreachable = false) {
    return {.verdict = Verdict::kBad,
            .failure = std::make_shared<const health::Failure>(
                health::Failure{.reason = "refused", .is_host_unreachable = is_host_unreachable})};
}

abi::BackendEntry entry(BackendState state, BackendHealth health) {
    abi::BackendEntry made{};
    made.state = static_cast<std::uint8_t>(state);
    made.health = static_cast<std::uint8_t>(health);
    return made;
}

class ConditionOf : public ::testing::Test {
  protected:
    ConditionOf() { pool_.check.type = config::CheckType::kTcp; }

    BackendCondition of(const Standing& standing, const abi::BackendEntry* previous = nullptr) {
        return condition_of({.pool = pool_,
                             .pool_has_udp = has_udp_,
                             .weight = weight_,
                             .choice = choice_,
                             .standing = standing,
                             .previous = previous,
                             .now_s = 1000});
    }

    config::Pool pool_;
    std::uint32_t weight_ = 100;
    health::AdminChoice choice_;
    bool has_udp_ = false;
};

TEST_F(ConditionOf, WithoutACheckABackendServes) {
    pool_.check.type = config::CheckType::kNone;
    EXPECT_EQ(of({}), (BackendCondition{BackendState::kServing, BackendHealth::kUnchecked}));
    weight_ = 0;
    EXPECT_EQ(of({}).state, BackendState::kDraining);
}

TEST_F(ConditionOf, OneThatIsUpServesOrDrainsByItsWeight) {
    EXPECT_EQ(of(up()), (BackendCondition{BackendState::kServing, BackendHealth::kUp}));
    weight_ = 0;
    EXPECT_EQ(of(up()), (BackendCondition{BackendState::kDraining, BackendHealth::kUp}));
}

TEST_F(ConditionOf, FlowsOfOneThatIsDownMoveIfTheHostCannotBeReached) {
    EXPECT_EQ(of(down()), (BackendCondition{BackendState::kDraining, BackendHealth::kDown}));
    EXPECT_EQ(of(down(kUnreachable)),
              (BackendCondition{BackendState::kDown, BackendHealth::kDown}));
}

TEST_F(ConditionOf, FlowsOfAPoolWithUdpMoveAlways) {
    has_udp_ = kUdp;
    EXPECT_EQ(of(down()).state, BackendState::kDown);
}

TEST_F(ConditionOf, OnDownDecidesIfItIsGiven) {
    pool_.on_down = OnDown::kMove;
    EXPECT_EQ(of(down()).state, BackendState::kDown);
    pool_.on_down = OnDown::kKeep;
    has_udp_ = kUdp;
    EXPECT_EQ(of(down(kUnreachable)).state, BackendState::kDraining);
}

TEST_F(ConditionOf, ANewOneGetsNoFlowsBeforeItsFirstResult) {
    EXPECT_EQ(of({}), (BackendCondition{BackendState::kDraining, BackendHealth::kUnknown}));
}

TEST_F(ConditionOf, WithoutAResultTheHealthIsThatOfTheGenerationBefore) {
    const auto was_down = entry(BackendState::kDown, BackendHealth::kDown);
    EXPECT_EQ(of({}, &was_down), (BackendCondition{BackendState::kDown, BackendHealth::kDown}));
    const auto was_up = entry(BackendState::kServing, BackendHealth::kUp);
    EXPECT_EQ(of({}, &was_up), (BackendCondition{BackendState::kServing, BackendHealth::kUp}));
    weight_ = 0;
    EXPECT_EQ(of({}, &was_up), (BackendCondition{BackendState::kDraining, BackendHealth::kUp}));
}

TEST_F(ConditionOf, ABackendThatServesGoesOnWhenItsPoolGetsACheck) {
    const auto unchecked = entry(BackendState::kServing, BackendHealth::kUnchecked);
    EXPECT_EQ(of({}, &unchecked),
              (BackendCondition{BackendState::kServing, BackendHealth::kUnknown}));
}

TEST_F(ConditionOf, OneThatDrainsKeepsItsFlowsAndGetsNoNewOnes) {
    choice_.state = abi::BackendAdmin::kDrain;
    EXPECT_EQ(of(up()).state, BackendState::kDraining);
}

TEST_F(ConditionOf, OneInMaintenanceKeepsItsFlowsUntilTheDeadline) {
    choice_ = {.state = abi::BackendAdmin::kMaint, .flows_move_at_s = 1001};
    EXPECT_EQ(of(up()), (BackendCondition{BackendState::kDraining, BackendHealth::kUp}));
    choice_.flows_move_at_s = 1000;
    EXPECT_EQ(of(up()), (BackendCondition{BackendState::kDown, BackendHealth::kUp}));
    EXPECT_EQ(of(down()), (BackendCondition{BackendState::kDown, BackendHealth::kDown}));
}

TEST_F(ConditionOf, AFailedCheckCountsMoreThanWhatTheOperatorHasChosen) {
    choice_.state = abi::BackendAdmin::kDrain;
    EXPECT_EQ(of(down(kUnreachable)).state, BackendState::kDown);
}

TEST(ChoicesInForce, AreThoseOfTheEntries) {
    config::Config config = sample::config();
    health::AdminChoices choices;
    const std::vector<config::Backend>& backends = config.pools[0].backends;
    choices.set("web", backends[0].address,
                {.state = abi::BackendAdmin::kMaint, .flows_move_at_s = 1234});
    choices.set("web", backends[1].address, {.weight = 7});
    choices.set("web", backends[2].address, {.state = abi::BackendAdmin::kDrain});
    const Tables tables = build(config, sample::facts(), {}, sample::zero_counters(), 1000, {}, {},
                                {.choices = &choices})
                              .value()
                              .tables;
    EXPECT_EQ(choices_in_force(tables), choices);
    EXPECT_EQ(tables.backends[1].weight, 7u);
    const Tables next = sample::must_build(config, tables).tables;
    EXPECT_EQ(choices_in_force(next), choices) << "they go on while nothing else is known";
}

class AgentSays : public ::testing::Test {
  protected:
    AgentSays() {
        pool_.check.type = config::CheckType::kTcp;
        pool_.check.agent_port = 9999;
    }

    BackendInputs inputs(const char* line) const {
        BackendInputs made{.pool = pool_, .choice = choice_, .standing = up(), .now_s = 1000};
        if (line != nullptr)
            made.standing.agent = std::make_shared<const health::AgentAnswer>(
                health::parse_agent_answer(line).value());
        made.weight = 100;
        return made;
    }
    BackendState state(const char* line) const { return condition_of(inputs(line)).state; }

    config::Pool pool_;
    health::AdminChoice choice_;
};

TEST_F(AgentSays, WhatStateTheBackendHas) {
    EXPECT_EQ(state("ready"), BackendState::kServing);
    EXPECT_EQ(state("drain"), BackendState::kDraining);
    EXPECT_EQ(state("maint"), BackendState::kDown);
    EXPECT_EQ(state(nullptr), BackendState::kServing) << "it has not answered yet";
    EXPECT_EQ(admin_of(inputs("drain")), abi::BackendAdmin::kAgentDrain);
}

TEST_F(AgentSays, WhatAnOperatorHasChosenCountsMore) {
    choice_ = {.state = abi::BackendAdmin::kDrain, .weight = 7};
    EXPECT_EQ(admin_of(inputs("maint")), abi::BackendAdmin::kDrain);
    EXPECT_EQ(state("maint"), BackendState::kDraining);
    EXPECT_EQ(weight_of(inputs("50%"), 100), 7u);
}

TEST_F(AgentSays, WhichPartOfTheWeightCounts) {
    EXPECT_EQ(weight_of(inputs("50%"), 300), 150u);
    EXPECT_EQ(weight_of(inputs("1%"), 10), 1u) << "some of it";
    EXPECT_EQ(weight_of(inputs("0%"), 10), 0u);
    EXPECT_EQ(weight_of(inputs("100%"), 65'535), 65'535u);
    EXPECT_EQ(weight_of(inputs("50%"), 0), 0u);
}

TEST_F(AgentSays, WhatItSaidBeforeGoesOnUntilItAnswers) {
    abi::BackendEntry before = entry(BackendState::kDraining, BackendHealth::kUp);
    before.admin = static_cast<std::uint8_t>(abi::BackendAdmin::kAgentDrain);
    before.weight = 20;
    BackendInputs pending = inputs(nullptr);
    pending.previous = &before;
    EXPECT_EQ(admin_of(pending), abi::BackendAdmin::kAgentDrain);
    EXPECT_EQ(weight_of(pending, 100), 20u);
    EXPECT_EQ(choice_in_force(before), health::AdminChoice()) << "no operator has chosen it";
    pool_.check.agent_port = 0;
    EXPECT_EQ(admin_of(pending), abi::BackendAdmin::kReady);
    EXPECT_EQ(weight_of(pending, 100), 100u);
}

}  // namespace
}  // namespace vipfwd::table
