// SPDX-License-Identifier: Apache-2.0
// RFC 9568 §6.4.2.
#include <gtest/gtest.h>

#include "control/vrrp/election.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::vrrp {
namespace {

using namespace sample;

constexpr const char* kTakesOverBySilence = "advertise announce became_active: silence";
constexpr const char* kTakesOverByPriorityZero = "advertise announce became_active: priority_zero";
constexpr const char* kTakesOverFromLower = "advertise announce became_active: lower_priority";

TEST(ABackup, TakesOverAfterThreeIntervalsAndSkewOfSilence) {
    Election election = backup();
    EXPECT_EQ(election.state(), State::kBackup);
    EXPECT_EQ(election.deadline_ns(), kStart + kActiveDown);
    EXPECT_EQ(words(election.on_deadline(kStart + kActiveDown - 1)), "");
    EXPECT_EQ(election.state(), State::kBackup);
    EXPECT_EQ(words(election.on_deadline(kStart + kActiveDown)), kTakesOverBySilence);
    EXPECT_EQ(election.state(), State::kActive);
    EXPECT_EQ(election.cause(), Cause::kSilence);
    EXPECT_EQ(election.since_ns(), kStart + kActiveDown);
    EXPECT_EQ(election.deadline_ns(), kNever);
}

TEST(ABackup, WaitsLongerTheLowerItsPriorityIs) {
    const struct {
        std::uint8_t priority;
        std::int64_t skew_ms;
    } cases[] = {{1, 1275}, {100, 780}, {128, 640}, {200, 280}, {254, 10}};
    for (const auto& [priority, skew_ms] : cases) {
        ElectionSettings with = settings();
        with.priority = priority;
        EXPECT_EQ(backup(with).deadline_ns(), kStart + 3 * kInterval + skew_ms * kMs);
    }
}

TEST(ABackup, OfVersion2HasASkewOfPartsOfASecond) {
    ElectionSettings with = settings();
    with.version = 2;
    with.advert_interval_ms = 4000;
    with.priority = 128;
    EXPECT_EQ(backup(with).deadline_ns(), kStart + (3 * 4000 + 500) * kMs);
}

TEST(ABackup, StaysABackupWhileAHigherOrEqualPriorityIsReceived) {
    for (const std::uint8_t priority : Priorities{100, 101, 255}) {
        for (const IpAddress& source : {kSmaller, kLarger}) {  // no tie-break in this state
            Election election = backup();
            for (std::int64_t now = kStart; now < kStart + 20 * kInterval; now += kInterval) {
                EXPECT_EQ(words(hear(election, priority, now, source)), "");
                EXPECT_EQ(election.deadline_ns(), now + kActiveDown);
                EXPECT_EQ(words(election.on_deadline(now)), "");
            }
        }
    }
}

TEST(ABackup, CountsFromTheReceiveTimeNotFromWhenTheAdvertWasRead) {
    Election election = backup();
    (void)election.on_advert(advert(200), kLarger, kStart + 5 * kMs, kStart + 900 * kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + 5 * kMs + kActiveDown);
    // A receive time in the future counts as now.
    (void)election.on_advert(advert(200), kLarger, kStart + 9'000'000 * kMs, kStart + 901 * kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + 901 * kMs + kActiveDown);
}

TEST(ABackup, IgnoresALowerPriorityUntilItTakesOver) {
    Election election = backup();
    (void)hear(election, 200, kStart);
    for (std::int64_t now = kStart; now < kStart + kActiveDown; now += kInterval) {
        EXPECT_EQ(words(hear(election, 99, now)), "");
        EXPECT_EQ(election.deadline_ns(), kStart + kActiveDown);
    }
    EXPECT_EQ(words(election.on_deadline(kStart + kActiveDown)), kTakesOverFromLower);
}

TEST(ABackup, ThatMustNotPreemptFollowsAnyPriority) {
    ElectionSettings with = settings();
    with.preempt = false;
    Election election = backup(with);
    for (const std::uint8_t priority : Priorities{1, 99, 100, 200}) {
        EXPECT_EQ(words(hear(election, priority, kStart + priority * kMs)), "");
        EXPECT_EQ(election.deadline_ns(), kStart + priority * kMs + kActiveDown);
    }
    EXPECT_EQ(words(election.on_deadline(election.deadline_ns())), kTakesOverBySilence);
}

TEST(ABackup, ThatOwnsTheAddressesPreemptsInAnyCase) {
    ElectionSettings with = settings();
    with.preempt = false;
    with.priority = kOwnerPriority;
    with.startup_delay_ms = 10;
    Election election = backup(with);
    EXPECT_EQ(words(hear(election, 254, kStart + kMs)), "");
    EXPECT_EQ(words(election.on_deadline(kStart + 10 * kMs)), kTakesOverFromLower);
}

TEST(ABackup, ToleratesALowerPriorityForThePreemptDelay) {
    ElectionSettings with = settings();
    with.preempt_delay_ms = 20'000;
    Election election = backup(with);
    const std::int64_t first = kStart + 100 * kMs;
    const std::int64_t over = first + 20'000 * kMs;
    for (std::int64_t now = first; now < over; now += kInterval) {
        EXPECT_EQ(words(hear(election, 50, now)), "");
        EXPECT_EQ(election.deadline_ns(), std::min(now + kActiveDown, over));
        EXPECT_EQ(words(election.on_deadline(now)), "");
    }
    EXPECT_EQ(words(election.on_deadline(over)), kTakesOverFromLower);
}

TEST(ABackup, DoesNotTolerateTheSilenceOfALowerPriority) {
    ElectionSettings with = settings();
    with.preempt_delay_ms = 60'000;
    Election election = backup(with);
    (void)hear(election, 50, kStart + kInterval);
    EXPECT_EQ(election.deadline_ns(), kStart + kInterval + kActiveDown);
    EXPECT_EQ(words(election.on_deadline(election.deadline_ns())), kTakesOverFromLower);
}

TEST(ABackup, NeverTakesOverEarlierForAPreemptDelay) {
    ElectionSettings with = settings();
    with.preempt_delay_ms = 1;
    Election election = backup(with);
    (void)hear(election, 50, kStart + kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + kActiveDown);
}

TEST(ABackup, ToleratesALowerPriorityAnewAfterAHigherOne) {
    ElectionSettings with = settings();
    with.preempt_delay_ms = 10'000;
    Election election = backup(with);
    (void)hear(election, 50, kStart);
    (void)hear(election, 200, kStart + 9'000 * kMs);
    (void)hear(election, 50, kStart + 12'000 * kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + 12'000 * kMs + kActiveDown);
}

TEST(ABackup, TakesOverAfterSkewOncePriorityZeroIsReceived) {
    Election election = backup();
    (void)hear(election, 200, kStart);
    EXPECT_EQ(words(hear(election, 0, kStart + 10 * kMs)), "");
    EXPECT_EQ(election.deadline_ns(), kStart + 10 * kMs + kSkew);
    EXPECT_EQ(words(election.on_deadline(kStart + 10 * kMs + kSkew - 1)), "");
    EXPECT_EQ(words(election.on_deadline(kStart + 10 * kMs + kSkew)), kTakesOverByPriorityZero);
}

TEST(ABackup, IsNotDelayedByAFloodOfPriorityZero) {
    Election election = backup();
    (void)hear(election, 200, kStart);
    for (std::int64_t now = kStart + kMs; now < kStart + kMs + kSkew; now += kMs) {
        (void)hear(election, 0, now);
        ASSERT_EQ(election.deadline_ns(), kStart + kMs + kSkew);
    }
    EXPECT_EQ(words(election.on_deadline(kStart + kMs + kSkew)), kTakesOverByPriorityZero);
}

TEST(ABackup, StaysABackupIfAPeerTakesOverFirst) {
    Election election = backup();
    (void)hear(election, 0, kStart);
    (void)hear(election, 150, kStart + kSkew / 2);
    EXPECT_EQ(election.deadline_ns(), kStart + kSkew / 2 + kActiveDown);
    EXPECT_EQ(words(election.on_deadline(election.deadline_ns())), kTakesOverBySilence);
}

TEST(ABackup, LearnsTheIntervalOfThePeerItFollowsWithinBounds) {
    const struct {
        std::uint32_t configured_max_ms;
        std::uint32_t heard_ms;
        std::uint32_t learnt_ms;
    } cases[] = {
        {0, 2560, 2560},          {0, 10, 10},        {0, 4 * kInterval_ms, 4 * kInterval_ms},
        {0, 40'950, 5120},        {2560, 5120, 2560}, {10, 5120, kInterval_ms},
        {50'000, 40'950, 40'950},
    };
    for (const auto& [max_ms, heard_ms, learnt_ms] : cases) {
        ElectionSettings with = settings();
        with.max_learnt_interval_ms = max_ms;
        Election election = backup(with);
        (void)hear(election, 200, kStart, kLarger, heard_ms);
        EXPECT_EQ(election.election_state().interval_ms, learnt_ms);
        EXPECT_EQ(election.deadline_ns(), kStart + learnt_ms * kMs * (3 * 256 + 156) / 256);
        EXPECT_EQ(election.last_advert()->interval_ms, heard_ms);
    }
}

TEST(ABackup, LearnsNothingFromALowerPriorityThatItPreempts) {
    Election election = backup();
    (void)hear(election, 50, kStart, kLarger, 2560);
    EXPECT_EQ(election.election_state().interval_ms, kInterval_ms);
}

TEST(ABackup, WaitsOneMoreIntervalIfItsTimerIsLateByMoreThanOne) {
    Election election = backup();
    const std::int64_t late = kStart + kActiveDown + kInterval + 1;
    EXPECT_EQ(words(election.on_deadline(late)), "");
    EXPECT_EQ(election.deadline_ns(), late + kInterval);
    EXPECT_EQ(words(election.on_deadline(late + kInterval)), kTakesOverBySilence);
}

TEST(ABackup, DoesNotWaitLongerForASmallerDelay) {
    Election election = backup();
    EXPECT_EQ(words(election.on_deadline(kStart + kActiveDown + kInterval)), kTakesOverBySilence);
}

TEST(ABackup, WaitsForOneMoreIntervalOnlyOnce) {
    Election election = backup();
    (void)election.on_deadline(kStart + 100 * kInterval);
    EXPECT_EQ(words(election.on_deadline(kStart + 200 * kInterval)), kTakesOverBySilence);
}

TEST(ABackup, MayWaitAgainAfterAnAdvertOfTheActiveRouter) {
    Election election = backup();
    (void)election.on_deadline(kStart + 100 * kInterval);
    (void)hear(election, 200, kStart + 100 * kInterval + kMs);
    EXPECT_EQ(words(election.on_deadline(kStart + 200 * kInterval)), "");
    EXPECT_EQ(election.state(), State::kBackup);
}

TEST(ABackup, DoesNotTakeOverIfAnAdvertArrivedDuringAPause) {
    Election election = backup();
    const std::int64_t woken = kStart + 50 * kInterval;
    (void)election.on_advert(advert(200), kLarger, woken - 10 * kMs, woken);
    EXPECT_EQ(words(election.on_deadline(woken)), "");
    EXPECT_EQ(election.deadline_ns(), woken - 10 * kMs + kActiveDown);
}

// Passes adverts of a winner that does not hear us; returns when we readvertised.
std::vector<std::int64_t> insisted(Election& election, std::int64_t from, std::int64_t until) {
    std::vector<std::int64_t> times;
    for (std::int64_t now = from; now <= until; now += kInterval) {
        if (hear(election, 200, now).readvertise)
            times.push_back((now - kStart) / kInterval);
    }
    return times;
}

TEST(ABackup, ThatLostReadvertisesUntilTheWinnerAnswersOutOfTurn) {
    Election election = active();
    EXPECT_EQ(words(hear(election, 200, kStart)), "advertise left_active: higher_priority");
    EXPECT_EQ(words(hear(election, 200, kStart + kInterval)), "insist: higher_priority");
    EXPECT_EQ(words(hear(election, 200, kStart + kInterval + 5 * kMs)), "") << "the answer";
    EXPECT_TRUE(insisted(election, kStart + 2 * kInterval, kStart + 100 * kInterval).empty());
}

TEST(ABackup, ThatLostDoesNotReadvertiseIfItIsAnsweredAtOnce) {
    Election election = active();
    (void)hear(election, 200, kStart);
    EXPECT_EQ(words(hear(election, 200, kStart + 5 * kMs)), "");
    EXPECT_TRUE(insisted(election, kStart + kInterval, kStart + 100 * kInterval).empty());
}

TEST(ABackup, ThatLostReadvertisesForHalfAMinute) {
    Election election = active();
    (void)hear(election, 200, kStart);
    const auto times = insisted(election, kStart + kInterval, kStart + 100 * kInterval);
    ASSERT_FALSE(times.empty());
    EXPECT_EQ(times.front(), 1);
    EXPECT_EQ(times.back(), 30'000 * kMs / kInterval);
}

TEST(ABackup, ThatLostReadvertisesLessAndLessOften) {
    ElectionSettings fast = settings();
    fast.advert_interval_ms = 10;
    Election election = active(fast);
    std::vector<std::int64_t> times;
    for (std::int64_t ms = 0; ms < 4000; ms += 10) {
        if (hear(election, 200, kStart + ms * kMs, kLarger, 10).readvertise)
            times.push_back(ms);
    }
    EXPECT_EQ(times, (std::vector<std::int64_t>{10, 30, 70, 150, 310, 630, 1270, 2270, 3270}));
}

TEST(ABackup, ThatLostDoesNotReadvertiseForAdvertsQueuedDuringAPause) {
    Election election = active();
    const std::int64_t now = kStart + 10 * kInterval;
    for (int i = 1; i <= 10; ++i) {
        const Decision decision =
            election.on_advert(advert(200), kLarger, kStart + i * kInterval, now);
        EXPECT_FALSE(decision.readvertise) << i;
    }
    EXPECT_TRUE(hear(election, 200, now + kInterval).readvertise);
}

TEST(ABackup, DoesNotReadvertiseToAnOwnerThatWouldYield) {
    ElectionSettings calm = settings();
    calm.preempt = false;
    Election election = active(calm);
    (void)hear(election, 200, kStart);
    (void)election.set_priority(210, kStart, Cause::kOperator);
    EXPECT_TRUE(insisted(election, kStart + kInterval, kStart + 100 * kInterval).empty());
}

TEST(ABackup, DiscardsForeignAdvertsWithoutRestartingItsTimer) {
    Advert other_version = advert(200);
    other_version.version = 2;
    Advert other_id = advert(200);
    other_id.id = 52;
    const struct {
        Advert advert;
        IpAddress source;
        const char* expected;
    } cases[] = {{other_version, kLarger, "discard: version"},
                 {other_id, kLarger, "discard: unknown_id"},
                 {advert(200), kOurs, "discard: own_source"}};
    for (const auto& [heard, source, expected] : cases) {
        Election election = backup();
        EXPECT_EQ(words(election.on_advert(heard, source, kStart + kMs, kStart + kMs)), expected);
        EXPECT_EQ(election.deadline_ns(), kStart + kActiveDown);
        EXPECT_FALSE(election.last_advert());
    }
}

TEST(ABackup, OfVersion2DiscardsAnotherInterval) {
    ElectionSettings with = settings();
    with.version = 2;
    with.advert_interval_ms = 1000;
    Election election = backup(with);
    Advert heard = advert(200, 2000);
    heard.version = 2;
    EXPECT_EQ(words(election.on_advert(heard, kLarger, kStart, kStart)), "discard: interval");
    heard.interval_ms = 1000;
    EXPECT_EQ(words(election.on_advert(heard, kLarger, kStart, kStart)), "");
    EXPECT_EQ(election.last_advert()->priority, 200);
}

TEST(ABackup, RemembersTheLastAdvert) {
    Election election = backup();
    EXPECT_FALSE(election.last_advert());
    (void)hear(election, 200, kStart + kMs, kSmaller, 640);
    (void)hear(election, 50, kStart + 2 * kMs, kLarger);
    const std::optional<LastAdvert> heard = election.last_advert();
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->source, kLarger);
    EXPECT_EQ(heard->priority, 50);
    EXPECT_EQ(heard->interval_ms, kInterval_ms);
    EXPECT_EQ(heard->received_ns, kStart + 2 * kMs);
}

}  // namespace
}  // namespace vipfwd::vrrp
