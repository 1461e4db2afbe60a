// SPDX-License-Identifier: Apache-2.0
#include "control/health/checker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/abi/address_text.h"
#include "tests/control/loop/deadline.h"

namespace vipfwd::health {
namespace {

using ResultKind = ProbeResult::Kind;

constexpr std::size_t kMostProbes = 8;

config::Pool pool(const std::string& name, const std::vector<std::string>& addresses) {
    config::Pool made;
    made.name = name;
    made.check = {.type = config::CheckType::kTcp,
                  .port = 80,
                  .interval_ms = 10,
                  .fast_interval_ms = 10,
                  .timeout_ms = 10};
    for (const std::string& address : addresses) {
        config::Backend backend;
        backend.address = parse_ip(address).value();
        made.backends.push_back(backend);
    }
    return made;
}

std::vector<Standing> nothing_known(const config::Config& config) {
    return std::vector<Standing>(BackendNumbers(config).count());
}

// Probes whose results the test gives.
class CheckerTest : public ::testing::Test {
  protected:
    class FakeProbe : public Probe {
      public:
        FakeProbe(CheckerTest& test, std::string name) : test_(test), name_(std::move(name)) {}
        ~FakeProbe() override { test_.running_.erase(name_); }

      private:
        CheckerTest& test_;
        std::string name_;
    };

    void configure(std::vector<config::Pool> pools, const Checker::Recall& recall = nothing_known) {
        auto config = std::make_shared<config::Config>();
        config->pools = std::move(pools);
        checker_.configure(config, recall);
    }

    // The next attempt for the address has this result.
    void give(const std::string& address, ProbeResult result) {
        wait([&] { return running_.contains(address); });
        const OnProbed on_probed = running_.at(address);
        on_probed(std::move(result));
    }
    void give(const std::string& address, ResultKind kind) {
        give(address, ProbeResult{kind, "why"});
    }

    void wait(const std::function<bool()>& condition) {
        ASSERT_TRUE(test::run_until(loop_, condition));
    }

    Verdict verdict(std::size_t backend) const {
        return checker_.standings().backends.at(backend).verdict;
    }

    Loop loop_;
    std::map<std::string, OnProbed> running_;
    std::map<std::string, int> attempts_;
    std::string attempts_made_;  // 'w' whole, 'c' connecting
    int changes_ = 0;
    Checker checker_{loop_,
                     [this](const Target& target, OnProbed on_probed, Attempt attempt) {
                         std::string address = vipfwd::to_string(target.address);
                         if (attempt == Attempt::kAgent)
                             address += " agent:" + std::to_string(target.check.port);
                         ++attempts_[address];
                         attempts_made_ += attempt == Attempt::kWhole ? 'w' : 'c';
                         running_[address] = std::move(on_probed);
                         return std::make_unique<FakeProbe>(*this, address);
                     },
                     kMostProbes, [this] { ++changes_; }};
};

TEST_F(CheckerTest, TheFirstResultCountsAtOnce) {
    configure({pool("a", {"10.0.0.1", "10.0.0.2"})});
    EXPECT_FALSE(checker_.knows_all());
    give("10.0.0.1", ResultKind::kGood);
    give("10.0.0.2", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(verdict(1), Verdict::kBad);
    EXPECT_EQ(checker_.standings().backends[1].failure->reason, "why");
    EXPECT_TRUE(checker_.knows_all());
    EXPECT_EQ(changes_, 2);
}

TEST_F(CheckerTest, AfterThatSeveralInARowDecide) {
    configure({pool("a", {"10.0.0.1"})});
    give("10.0.0.1", ResultKind::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kBad);
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(verdict(0), Verdict::kBad);
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(checker_.standings().backends[0].failure, nullptr);
}

TEST_F(CheckerTest, WhatSaysNothingOfTheBackendChangesNothing) {
    configure({pool("a", {"10.0.0.1"})});
    give("10.0.0.1", ResultKind::kNone);
    EXPECT_EQ(verdict(0), Verdict::kUnknown);
    give("10.0.0.1", ResultKind::kGood);
    for (int i = 0; i < 5; ++i)
        give("10.0.0.1", ResultKind::kNone);
    EXPECT_EQ(verdict(0), Verdict::kGood);
}

TEST_F(CheckerTest, AHostThatVanishesWhileItsServiceIsDownIsNoted) {
    configure({pool("a", {"10.0.0.1"})});
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_FALSE(checker_.standings().backends[0].failure->is_host_unreachable);
    give("10.0.0.1", ResultKind::kUnreachable);
    EXPECT_TRUE(checker_.standings().backends[0].failure->is_host_unreachable);
    EXPECT_EQ(changes_, 2);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_TRUE(checker_.standings().backends[0].failure->is_host_unreachable)
        << "its flows have moved";
}

TEST_F(CheckerTest, EqualChecksOfSeveralPoolsRunOnce) {
    configure({pool("a", {"10.0.0.1"}), pool("b", {"10.0.0.2", "10.0.0.1"})});
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(attempts_["10.0.0.1"], 1);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(verdict(2), Verdict::kGood);
    EXPECT_EQ(verdict(1), Verdict::kUnknown);
}

TEST_F(CheckerTest, ChecksThatStayGoOnUndisturbed) {
    configure({pool("a", {"10.0.0.1", "10.0.0.2"})});
    give("10.0.0.1", ResultKind::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    give("10.0.0.1", ResultKind::kFailed);
    configure({pool("b", {"10.0.0.9", "10.0.0.1"})});
    EXPECT_EQ(verdict(1), Verdict::kGood);
    EXPECT_FALSE(running_.contains("10.0.0.2")) << "its attempt was abandoned";
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(1), Verdict::kBad) << "the third one in a row";
}

TEST_F(CheckerTest, WhatWasKnownBeforeGoesOn) {
    configure({pool("a", {"10.0.0.1"})}, [](const config::Config&) {
        return std::vector<Standing>{{.verdict = Verdict::kGood}};
    });
    EXPECT_TRUE(checker_.knows_all());
    EXPECT_EQ(verdict(0), Verdict::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kGood) << "one failure is not enough";
}

TEST_F(CheckerTest, WhatIsLearnedLaterCountsBeforeTheResultsSinceTheStart) {
    configure({pool("a", {"10.0.0.1"})});
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kBad) << "the first result counts at once";
    configure({pool("a", {"10.0.0.1"})}, [](const config::Config&) {
        return std::vector<Standing>{{.verdict = Verdict::kGood}};
    });
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(checker_.standings().backends[0].failure, nullptr);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kBad) << "the third one in a row";
}

TEST_F(CheckerTest, EnoughResultsCountMoreThanWhatIsLearnedLater) {
    configure({pool("a", {"10.0.0.1"})});
    for (int i = 0; i < 3; ++i)
        give("10.0.0.1", ResultKind::kFailed);
    configure({pool("a", {"10.0.0.1"})}, [](const config::Config&) {
        return std::vector<Standing>{{.verdict = Verdict::kGood}};
    });
    EXPECT_EQ(verdict(0), Verdict::kBad);
}

TEST_F(CheckerTest, AmqpShakesHandsAtItsOwnIntervalAndAfterEachFailure) {
    config::Pool amqp = pool("a", {"10.0.0.1"});
    amqp.check.type = config::CheckType::kAmqp;
    amqp.check.handshake_interval_ms = 600'000;
    configure({amqp});
    for (const ResultKind kind : {ResultKind::kFailed, ResultKind::kGood, ResultKind::kGood,
                                  ResultKind::kNone, ResultKind::kFailed, ResultKind::kNone,
                                  ResultKind::kFailed, ResultKind::kGood, ResultKind::kGood})
        give("10.0.0.1", kind);
    EXPECT_EQ(attempts_made_.substr(0, 9),
              "wwccc"
              "wwwc");
    amqp.check.handshake_interval_ms = 10;
    attempts_made_.clear();
    configure({amqp});
    for (int i = 0; i < 4; ++i)
        give("10.0.0.1", ResultKind::kGood);
    EXPECT_GE(std::ranges::count(attempts_made_, 'w'), 2);
}

TEST_F(CheckerTest, ABackendIsCheckedWhereItSays) {
    config::Pool elsewhere = pool("a", {"10.0.0.1", "10.0.0.2"});
    elsewhere.backends[0].check_address = parse_ip("10.9.0.1");
    configure({elsewhere});
    give("10.9.0.1", ResultKind::kGood);
    give("10.0.0.2", ResultKind::kFailed);
    EXPECT_EQ(verdict(0), Verdict::kGood);
    EXPECT_EQ(verdict(1), Verdict::kBad);
    EXPECT_EQ(attempts_.count("10.0.0.1"), 0u);
}

TEST_F(CheckerTest, OneThatFlapsIsHeldDownAlthoughItsResultsAreGood) {
    config::Pool flapping = pool("a", {"10.0.0.1"});
    flapping.check.rise = flapping.check.fall = 1;
    configure({flapping});
    give("10.0.0.1", ResultKind::kFailed);
    for (int i = 0; i < 4; ++i) {
        give("10.0.0.1", ResultKind::kGood);
        EXPECT_EQ(verdict(0), Verdict::kGood);
        give("10.0.0.1", ResultKind::kFailed);
        EXPECT_EQ(checker_.standings().backends[0].failure->reason, "why");
    }
    give("10.0.0.1", ResultKind::kGood);
    give("10.0.0.1", ResultKind::kFailed);
    EXPECT_EQ(checker_.standings().backends[0].failure->reason,
              "why; held down: flapping, for 2 s");
    give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(verdict(0), Verdict::kBad);
    for (int i = 0; i < 1000 && verdict(0) == Verdict::kBad; ++i)
        give("10.0.0.1", ResultKind::kGood);
    EXPECT_EQ(verdict(0), Verdict::kGood) << "the hold is over";
}

TEST_F(CheckerTest, APoolWithoutACheckIsLeftAlone) {
    config::Pool unchecked = pool("a", {"10.0.0.1"});
    unchecked.check = {};
    configure({unchecked});
    EXPECT_TRUE(checker_.knows_all());
    EXPECT_EQ(verdict(0), Verdict::kUnknown);
}

TEST_F(CheckerTest, NoMoreThanSoManyAttemptsRunAtATime) {
    std::vector<std::string> addresses;
    for (std::size_t i = 1; i <= kMostProbes + 2; ++i)
        addresses.push_back("10.0.0." + std::to_string(i));
    configure({pool("a", addresses)});
    wait([&] { return running_.size() == kMostProbes; });
    EXPECT_EQ(attempts_.size(), kMostProbes);
    give(running_.begin()->first, ResultKind::kGood);
    wait([&] { return running_.size() == kMostProbes; });
    EXPECT_EQ(attempts_.size(), kMostProbes + 1) << "one that has waited comes first";
}

// A pool with one backend, whose agent is asked.
config::Pool pool_with_agent() {
    config::Pool made = pool("a", {"10.0.0.1"});
    made.check.agent_port = 9999;
    return made;
}

ProbeResult agent_says(std::string_view line) {
    ProbeResult result{.kind = ResultKind::kGood};
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
