// SPDX-License-Identifier: Apache-2.0
// Agents beside checks.
#include "control/health/checker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "tests/control/health/checker_fixture.h"

namespace vipfwd::health {
namespace {

// A pool with one backend, whose agent is asked.
config::Pool pool_with_agent() {
    config::Pool made = pool("a", {"10.0.0.1"});
    made.check.agent_port = 9999;
    return made;
}

ProbeResult agent_says(std::string_view line) {
    ProbeResult result{.kind = ProbeResult::Kind::kGood};
    result.agent = parse_agent_answer(line).value();
    return result;
}

class AgentTest : public CheckerTest {
  protected:
    void let_agent_say(std::string_view line) { give(kAgent, agent_says(line)); }

    const Standing& standing() const { return checker_.standings().backends.at(0); }

    static constexpr const char* kBackend = "10.0.0.1";
    static constexpr const char* kAgent = "10.0.0.1 agent:9999";
};

TEST_F(AgentTest, NothingIsKnownBeforeBothHaveBeenAsked) {
    configure({pool_with_agent()});
    give(kBackend, ResultKind::kGood);
    EXPECT_EQ(standing().verdict, Verdict::kUnknown);
    EXPECT_FALSE(checker_.knows_all());
    let_agent_say("50%");
    EXPECT_EQ(standing().verdict, Verdict::kGood);
    EXPECT_EQ(standing().agent->percent, 50u);
    EXPECT_TRUE(checker_.knows_all());
    EXPECT_EQ(checker_.standings().changed, std::vector<std::uint32_t>{0});
    EXPECT_EQ(checker_.standings().agents_changed, std::vector<std::uint32_t>{0});
}

TEST_F(AgentTest, AnAgentThatDoesNotAnswerSaysNothing) {
    configure({pool_with_agent()});
    give(kBackend, ResultKind::kGood);
    give(kAgent, ResultKind::kFailed);
    EXPECT_EQ(standing().verdict, Verdict::kGood);
    EXPECT_EQ(standing().agent, nullptr);
    let_agent_say("drain");
    give(kAgent, ResultKind::kUnreachable);
    EXPECT_EQ(standing().agent->state, AgentState::kDrain) << "its last answer counts";
}

TEST_F(AgentTest, DownIsAFailureUntilItSaysOtherwise) {
    configure({pool_with_agent()});
    give(kBackend, ResultKind::kGood);
    let_agent_say("down # disk");
    EXPECT_EQ(standing().verdict, Verdict::kBad);
    EXPECT_EQ(standing().failure->reason, "agent: down # disk");
    let_agent_say("up");
    EXPECT_EQ(standing().verdict, Verdict::kGood);
    EXPECT_EQ(standing().failure, nullptr);
}

TEST_F(AgentTest, AFailedCheckCountsMore) {
    configure({pool_with_agent()});
    give(kBackend, ResultKind::kFailed);
    let_agent_say("up 100%");
    EXPECT_EQ(standing().verdict, Verdict::kBad);
    EXPECT_EQ(standing().failure->reason, "why");
}

TEST_F(AgentTest, OnlyADifferenceIsTold) {
    configure({pool_with_agent()});
    let_agent_say("up");
    EXPECT_EQ(changes_, 0) << "as if there were no agent";
    give(kBackend, ResultKind::kGood);
    let_agent_say("drain");
    checker_.forget_changes();
    const int before = changes_;
    let_agent_say("drain # still");
    EXPECT_EQ(changes_, before);
    EXPECT_FALSE(checker_.has_changes());
}

TEST_F(AgentTest, APoolThatIsRemovedEndsItsAgent) {
    configure({pool_with_agent()});
    wait([&] { return running_.contains(kAgent); });
    configure({pool("b", {"10.0.0.2"})});
    EXPECT_FALSE(running_.contains(kAgent));
    give("10.0.0.2", ResultKind::kGood);
    EXPECT_TRUE(checker_.knows_all());
}

}  // namespace
}  // namespace vipfwd::health
