// SPDX-License-Identifier: Apache-2.0
// RFC 9568 §6.4.3.
#include <gtest/gtest.h>

#include "control/vrrp/election.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::vrrp {
namespace {

using namespace sample;

TEST(AnActiveOne, YieldsToAHigherPriorityOrALargerAddress) {
    const struct {
        std::uint8_t priority;
        IpAddress source;
        const char* expected;
    } cases[] = {{101, kSmaller, "advertise left_active: higher_priority"},
                 {255, kLarger, "advertise left_active: higher_priority"},
                 {100, kLarger, "advertise left_active: larger_address"}};
    for (const auto& [priority, source, expected] : cases) {
        Election election = active();
        EXPECT_EQ(words(hear(election, priority, kStart + kMs, source)), expected);
        EXPECT_EQ(election.state(), State::kBackup);
        EXPECT_EQ(election.since_ns(), kStart + kMs);
        EXPECT_EQ(election.deadline_ns(), kStart + kMs + kActiveDown);
    }
}

TEST(AnActiveOne, ThatYieldsCountsFromTheAdvertAndLearnsItsInterval) {
    Election election = active();
    (void)election.on_advert(advert(200, 2560), kLarger, kStart + kMs, kStart + 40 * kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + 2 * kActiveDown);
}

TEST(AnActiveOne, StaysAgainstALowerPriorityOrASmallerAddress) {
    const struct {
        std::uint8_t priority;
        IpAddress source;
    } cases[] = {{99, kLarger}, {1, kSmaller}, {100, kSmaller}};
    for (const auto& [priority, source] : cases) {
        Election election = active();
        EXPECT_EQ(words(hear(election, priority, kStart + kMs, source)),
                  "advertise announce: lower_priority");
        EXPECT_EQ(election.state(), State::kActive);
    }
}

TEST(AnActiveOne, ComparesIpv6AddressesAsNumbers) {
    ElectionSettings with = settings();
    with.source = *parse_ip("fe80::a");
    const struct {
        const char* source;
        State state;
    } cases[] = {{"fe80::9", State::kActive},
                 {"fe80::b", State::kBackup},
                 {"fe80::1:0:0:9", State::kBackup},
                 {"fe80::80", State::kBackup}};
    for (const auto& [source, state] : cases) {
        Election election = active(with);
        (void)hear(election, 100, kStart, *parse_ip(source));
        EXPECT_EQ(election.state(), state) << source;
    }
}

TEST(AnActiveOne, AnnouncesAgainAfterTheLastRival) {
    Election election = active();
    (void)hear(election, 99, kStart + kMs);
    EXPECT_EQ(election.deadline_ns(), kStart + kMs + kInterval);
    EXPECT_EQ(words(election.on_deadline(kStart + kMs + kInterval)), "announce: lower_priority");
    EXPECT_EQ(election.deadline_ns(), kNever);
    EXPECT_EQ(election.state(), State::kActive);
    EXPECT_EQ(words(hear(election, 99, kStart + 2 * kMs + kInterval)), "advertise: lower_priority");
}

TEST(AnActiveOne, AnnouncesAgainIfARivalIsHeardRightAfterItBecameActive) {
    Election election = backup();
    const std::int64_t now = election.deadline_ns();
    EXPECT_TRUE(election.on_deadline(now).became_active);
    EXPECT_EQ(words(hear(election, 99, now)), "advertise announce: lower_priority");
}

TEST(AnActiveOne, UsesItsOwnIntervalWhateverItLearnt) {
    Election election = backup();
    (void)hear(election, 200, kStart, kLarger, 2560);
    (void)election.on_deadline(election.deadline_ns());
    EXPECT_EQ(
        election.election_state(),
        (ElectionState{.state = State::kActive, .may_preempt = true, .interval_ms = kInterval_ms}));
}

TEST(AnActiveOne, AnnouncesOnceAnIntervalUnderAFloodAndOnceAfterIt) {
    Election election = active();
    std::int64_t now = kStart;
    int announced = 0;
    for (; now < kStart + 10 * kInterval; now += kMs) {
        const Decision decision = hear(election, 99, now);
        EXPECT_TRUE(decision.advertise);
        announced += decision.announce ? 1 : 0;
        announced += election.on_deadline(now).announce ? 1 : 0;
    }
    EXPECT_EQ(announced, 10);
    EXPECT_EQ(election.deadline_ns(), now - kMs + kInterval);
    EXPECT_TRUE(election.on_deadline(election.deadline_ns()).announce);
}

TEST(AnActiveOne, AnswersPriorityZeroWithAnAdvert) {
    Election election = active();
    EXPECT_EQ(words(hear(election, 0, kStart)), "advertise: priority_zero");
    EXPECT_EQ(election.state(), State::kActive);
    EXPECT_EQ(election.deadline_ns(), kNever);
}

TEST(AnActiveOne, AdvertisesAtOnceIfItsPriorityChanges) {
    Election election = active();
    EXPECT_EQ(words(election.set_priority(60, kStart, Cause::kTracking)), "advertise: tracking");
    EXPECT_EQ(election.priority(), 60);
    EXPECT_EQ(words(election.set_priority(60, kStart, Cause::kTracking)), "");
    EXPECT_EQ(words(hear(election, 61, kStart, kSmaller)),
              "advertise left_active: higher_priority");
}

TEST(AnActiveOne, ResignsIfItIsNoLongerEligible) {
    for (const Cause cause :
         {Cause::kDataplane, Cause::kTables, Cause::kTracking, Cause::kOperator}) {
        Election election = active();
        EXPECT_EQ(words(election.set_priority(0, kStart, cause)),
                  "resign left_active: " + std::string(name(cause)));
        EXPECT_EQ(election.state(), State::kDown);
        EXPECT_EQ(election.deadline_ns(), kNever);
    }
}

TEST(AnActiveOne, ResignsWhenStopped) {
    Election election = active();
    EXPECT_EQ(words(election.stop(kStart)), "resign left_active: stopped");
    EXPECT_EQ(election.state(), State::kDown);
    EXPECT_EQ(words(election.stop(kStart)), "");
}

TEST(AnActiveOne, StaysActiveAsTimePasses) {
    Election election = active();
    EXPECT_EQ(words(election.on_deadline(kStart + 1000 * kInterval)), "");
    EXPECT_EQ(election.state(), State::kActive);
}

TEST(AnActiveOne, DiscardsItsOwnAdverts) {
    Election election = active();
    EXPECT_EQ(words(hear(election, 100, kStart, kOurs)), "discard: own_source");
    EXPECT_EQ(election.deadline_ns(), kNever);
}

}  // namespace
}  // namespace vipfwd::vrrp
