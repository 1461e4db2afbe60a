// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_digests.h"

#include <gtest/gtest.h>

#include <functional>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

using Addresses = std::vector<IpAddress>;

const IpAddress kFirstPeer = parse_ip("10.0.0.2").value();
const IpAddress kOtherPeer = parse_ip("10.0.0.3").value();
constexpr std::int64_t kTick_ns = kNanosecondsPerS;

PeerMessage message() {
    return {.group_id = 51, .digest = {.key = 1, .services = 2, .backends = 3}, .version = "0.1.0"};
}

class PeerDigestsTest : public testing::Test {
  protected:
    // Second by second, as the gateway does. The peer says `theirs` every 3 seconds.
    void pass(int seconds, const PeerMessage& theirs) {
        for (int i = 0; i < seconds; ++i) {
            if (now_ns_ % PeerDigests::kInterval_ns == 0)
                digests_.note(kFirstPeer, theirs, now_ns_);
            pass_in_silence(1);
        }
    }
    void pass_in_silence(int seconds) {
        for (int i = 0; i < seconds; ++i, now_ns_ += kTick_ns) {
            for (PeerDigests::LogLine& line : digests_.compare(own_, now_ns_))
                lines_.push_back(std::move(line));
        }
    }
    std::vector<std::string> warnings() const {
        std::vector<std::string> texts;
        for (const Warning& warning : digests_.warnings(now_ns_))
            texts.push_back(warning.text);
        return texts;
    }

    PeerMessage own_ = message();
    PeerDigests digests_;
    std::int64_t now_ns_ = 300 * kTick_ns;
    std::vector<PeerDigests::LogLine> lines_;
};

TEST_F(PeerDigestsTest, AnEqualPeerIsNotReported) {
    pass(100, message());
    EXPECT_TRUE(warnings().empty());
    EXPECT_TRUE(lines_.empty());
}

TEST_F(PeerDigestsTest, ADifferenceIsReportedAfterTheGraceOnceUntilItEnds) {
    PeerMessage theirs = message();
    theirs.digest.backends = 4;
    pass(10, theirs);
    EXPECT_TRUE(warnings().empty());
    EXPECT_TRUE(lines_.empty());
    pass(100, theirs);
    ASSERT_EQ(warnings().size(), 1u);
    EXPECT_EQ(warnings()[0],
              "10.0.0.2 has other backends or weights: connections may break when the VIPs move "
              "between the two gateways; give both the same configuration and software");
    ASSERT_EQ(lines_.size(), 1u);
    EXPECT_TRUE(lines_[0].is_warning);
    EXPECT_EQ(lines_[0].text, warnings()[0]);
    EXPECT_EQ(digests_.warnings(now_ns_)[0].reason, "peer_differs");
    EXPECT_EQ(digests_.warnings(now_ns_)[0].source, "10.0.0.2");

    own_.digest.backends = 4;  // the other file was changed, too
    pass(3, theirs);
    EXPECT_TRUE(warnings().empty());
    ASSERT_EQ(lines_.size(), 2u);
    EXPECT_FALSE(lines_[1].is_warning);
}

TEST_F(PeerDigestsTest, ARollingChangeIsNotReported) {
    PeerMessage theirs = message();
    for (int i = 0; i < 5; ++i) {
        own_.digest.backends += 1;
        pass(9, theirs);
        theirs.digest.backends += 1;
        pass(9, theirs);
    }
    EXPECT_TRUE(warnings().empty());
    EXPECT_TRUE(lines_.empty());
}

TEST_F(PeerDigestsTest, EachDifferenceIsNamed) {
    struct Case {
        std::function<void(PeerMessage&)> change;
        const char* named;
    };
    const Case cases[] = {
        {[](PeerMessage& one) { one.digest.key = 7; }, "has another hash key (seed_file):"},
        {[](PeerMessage& one) { one.digest.services = 7; }, "has other services:"},
        {[](PeerMessage& one) { one.digest.services = one.digest.backends = 7; },
         "has other services:"},
        {[](PeerMessage& one) { one.version = "0.2.0"; },
         "has software version 0.2.0, here 0.1.0:"},
        {[](PeerMessage& one) {
             one.digest.key = one.digest.backends = 7;
             one.version = "0.2.0";
         },
         "has another hash key (seed_file), other backends or weights, software version 0.2.0, "
         "here 0.1.0:"}};
    for (const Case& one : cases) {
        digests_ = {};
        PeerMessage theirs = message();
        one.change(theirs);
        pass(20, theirs);
        ASSERT_EQ(warnings().size(), 1u) << one.named;
        EXPECT_NE(warnings()[0].find(one.named), std::string::npos) << warnings()[0];
    }
}

TEST_F(PeerDigestsTest, ARandomKeyIsNotCompared) {
    own_.digest.key = 0;
    pass(20, message());
    EXPECT_TRUE(warnings().empty());
    own_ = message();
    PeerMessage theirs = message();
    theirs.digest.key = 0;
    pass(20, theirs);
    EXPECT_EQ(warnings().size(), 1u) << "it need not be ours for them, but for us";
}

TEST_F(PeerDigestsTest, AnotherDifferenceIsAnotherLine) {
    PeerMessage theirs = message();
    theirs.digest.backends = 4;
    pass(30, theirs);
    theirs.digest.key = 4;
    pass(30, theirs);
    EXPECT_EQ(lines_.size(), 2u);
    EXPECT_EQ(warnings().size(), 1u);
}

TEST_F(PeerDigestsTest, AWarningEndsSomeTimeAfterItsPeer) {
    PeerMessage theirs = message();
    theirs.digest.key = 4;
    pass(30, theirs);
    EXPECT_EQ(warnings().size(), 1u);
    pass_in_silence(41);
    EXPECT_TRUE(warnings().empty());
}

TEST_F(PeerDigestsTest, NothingIsReportedWithoutTables) {
    PeerMessage theirs = message();
    theirs.digest.key = 4;
    pass(30, theirs);
    digests_.pause();
    EXPECT_TRUE(warnings().empty());
}

TEST_F(PeerDigestsTest, NewcomersAreIgnoredWhileManyAreKnown) {
    PeerMessage theirs = message();
    theirs.digest.key = 4;
    for (std::uint32_t i = 0; i < 100; ++i)
        digests_.note(IpAddress::from_v4(Be32::from_host(0x0a000100 + i)), theirs, now_ns_);
    pass_in_silence(20);
    EXPECT_EQ(warnings().size(), PeerDigests::kMost);
    now_ns_ += PeerDigests::kForgotten_ns;
    pass(20, theirs);
    EXPECT_EQ(warnings().size(), 1u) << "the others are forgotten";
}

TEST_F(PeerDigestsTest, ABackupTalksToItsLeaderAndAnActiveGatewayToWhoTalks) {
    EXPECT_EQ(digests_.take_due({}, kFirstPeer, now_ns_), Addresses{kFirstPeer});
    EXPECT_EQ(digests_.take_due({}, std::nullopt, now_ns_), Addresses{});
    digests_.note(kOtherPeer, message(), now_ns_);
    EXPECT_EQ(digests_.take_due({}, std::nullopt, now_ns_), Addresses{kOtherPeer});
}

TEST_F(PeerDigestsTest, ListedPeersAreTalkedToAndNobodyElse) {
    const Addresses peers = {kFirstPeer};
    digests_.note(kOtherPeer, message(), now_ns_);
    EXPECT_EQ(digests_.take_due(peers, kOtherPeer, now_ns_), peers);
}

// The seconds at which a message is due, of the next `seconds`.
std::vector<int> due_at(PeerDigests& digests, int seconds, std::int64_t now_ns,
                        const std::function<void(std::int64_t)>& before) {
    std::vector<int> due;
    for (int i = 0; i < seconds; ++i) {
        before(now_ns + i * kTick_ns);
        if (!digests.take_due({}, kFirstPeer, now_ns + i * kTick_ns).empty())
            due.push_back(i);
    }
    return due;
}

TEST_F(PeerDigestsTest, WhoDoesNotTalkIsToldLessAndLess) {
    EXPECT_EQ(due_at(digests_, 1000, now_ns_, [](std::int64_t) {}),
              (std::vector<int>{0, 15, 45, 105, 225, 465, 705, 945}));
}

TEST_F(PeerDigestsTest, WhoTalksIsToldEveryThreeSeconds) {
    const auto talk = [&](std::int64_t now_ns) { digests_.note(kFirstPeer, message(), now_ns); };
    EXPECT_EQ(due_at(digests_, 10, now_ns_, talk), (std::vector<int>{0, 3, 6, 9}));
}

TEST_F(PeerDigestsTest, ANewcomerAndAChangeAreTakenUpAtOnce) {
    (void)digests_.compare(own_, now_ns_);
    EXPECT_EQ(digests_.take_due({}, kFirstPeer, now_ns_), Addresses{kFirstPeer});
    digests_.note(kFirstPeer, message(), now_ns_);
    EXPECT_EQ(digests_.take_due({}, kFirstPeer, now_ns_), Addresses{kFirstPeer})
        << "it has just come";
    EXPECT_EQ(digests_.take_due({}, kFirstPeer, now_ns_), Addresses{});
    own_.digest.backends = 7;
    (void)digests_.compare(own_, now_ns_);
    EXPECT_EQ(digests_.take_due({}, kFirstPeer, now_ns_), Addresses{kFirstPeer}) << "of a change";
}

}  // namespace
}  // namespace vipfwd::group
