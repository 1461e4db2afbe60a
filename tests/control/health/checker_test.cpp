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
#include "tests/control/health/checker_fixture.h"

namespace vipfwd::health {
namespace {

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

}  // namespace
}  // namespace vipfwd::health
