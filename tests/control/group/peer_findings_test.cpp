// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_findings.h"

#include <gtest/gtest.h>

#include <cstring>
#include <utility>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

using table::kFoundDown;
using table::kFoundUnknown;
using table::kIsWriter;
using table::kTakenOut;

// Pool "web" with the backends be0, be1, ...: here in `own_`, and at the peer in `theirs_`.
class PeerFindingsTest : public testing::Test {
  protected:
    PeerFindingsTest() {
        config_.pools.emplace_back().name = "web";
        have(2);
    }
    void have(std::size_t backends) {
        auto tables = std::make_shared<table::Tables>();
        std::strcpy(tables->pools.emplace_back().name, "web");
        for (std::uint32_t i = 0; i < backends; ++i) {
            IpAddress address = parse_ip("10.0.0.0").value();
            address.bytes[15] = static_cast<std::uint8_t>(i);
            address.bytes[14] = static_cast<std::uint8_t>(i >> 8);
            config_.pools[0].backends.push_back(
                {.name = "be" + std::to_string(i), .address = address, .where = {}});
            tables->backends.emplace_back().address = address;
            own_.findings.push_back({.key = 100 + i, .backend = i});
        }
        own_.tables = std::move(tables);
        theirs_ = own_.findings;
    }
    // The peer reports every 3 s.
    void pass(int seconds) {
        for (int i = 0; i < seconds; ++i, now_ns_ += kNanosecondsPerS) {
            if (i % 3 == 0) {
                for (const FindingsReport& report : reports_of(theirs_, 51, is_owner_))
                    peer_.note(parse_ip("10.0.0.2").value(), report, own_, config_, now_ns_);
            }
            for (const events::Event& event : peer_.update(now_ns_))
                told_.push_back(to_string(event));
        }
    }

    config::Config config_;
    OwnFindings own_;
    std::vector<table::BackendFinding> theirs_;
    bool is_owner_ = false;  // the peer
    PeerFindings peer_;
    std::int64_t now_ns_ = 300 * kNanosecondsPerS;
    std::vector<std::string> told_;
};

TEST_F(PeerFindingsTest, TheSameIsNotReported) {
    own_.findings[1].state = theirs_[1].state = kFoundDown | kTakenOut;
    pass(100);
    EXPECT_TRUE(told_.empty());
    EXPECT_TRUE(peer_.warnings(now_ns_).empty());
}

TEST_F(PeerFindingsTest, ADifferenceIsToldOnceAfterTheGraceAndWhenItEnds) {
    own_.findings[1].state = kFoundDown;
    pass(10);
    EXPECT_TRUE(told_.empty());
    pass(50);
    ASSERT_EQ(told_.size(), 1u);
    EXPECT_EQ(told_[0], "backend web/be1: down here, but up at 10.0.0.2");
    ASSERT_EQ(peer_.warnings(now_ns_).size(), 1u);
    EXPECT_TRUE(peer_.warnings(now_ns_)[0].text.starts_with(
        "web/be1 is down here, but up at 10.0.0.2: connections may break"))
        << peer_.warnings(now_ns_)[0].text;
    theirs_[1].state = kFoundDown;
    pass(3);
    ASSERT_EQ(told_.size(), 2u);
    EXPECT_EQ(told_[1], "backend web/be1: found alike here and at 10.0.0.2");
    EXPECT_TRUE(peer_.warnings(now_ns_).empty());
}

TEST_F(PeerFindingsTest, ADifferenceThatAnotherGroupTellsIsLeftToIt) {
    bool is_told_there = true;
    const auto pass_beside = [&](int seconds) {
        for (int i = 0; i < seconds; ++i, now_ns_ += kNanosecondsPerS) {
            peer_.note(parse_ip("10.0.0.2").value(), reports_of(theirs_, 51)[0], own_, config_,
                       now_ns_);
            const auto is_of_other = [&](const IpAddress& source, std::uint64_t key) {
                EXPECT_EQ(source, parse_ip("10.0.0.2").value());
                return is_told_there && key == 100;
            };
            for (const events::Event& event : peer_.update(now_ns_, is_of_other))
                told_.push_back(to_string(event));
        }
    };
    theirs_[0].state = kFoundDown;
    pass_beside(60);
    EXPECT_TRUE(told_.empty());
    EXPECT_TRUE(peer_.warnings(now_ns_).empty());
    EXPECT_TRUE(peer_.differs(parse_ip("10.0.0.2").value(), 100));
    EXPECT_FALSE(peer_.differs(parse_ip("10.0.0.2").value(), 101));
    is_told_there = false;
    pass_beside(5);
    EXPECT_TRUE(told_.empty()) << "it may end here soon, too";
    pass_beside(10);
    EXPECT_EQ(told_.size(), 1u);
}

TEST_F(PeerFindingsTest, EachKindOfDifferenceHasItsWords) {
    struct Case {
        int here, there;
        const char* told;  // empty: nothing
    };
    for (const Case& one : {
             Case{0, kFoundDown, "up here, but down at 10.0.0.2"},
             Case{kTakenOut, 0, "taken out here, but not at 10.0.0.2"},
             Case{0, kTakenOut, "taken out at 10.0.0.2, but not here"},
             Case{kIsWriter, 0, "the backend that serves here, but not at 10.0.0.2"},
             Case{0, kIsWriter, ""},
             Case{kFoundUnknown, kFoundDown, ""},
             Case{kTakenOut, kFoundUnknown, ""},
         }) {
        peer_.clear();
        told_.clear();
        own_.findings[0].state = static_cast<std::uint8_t>(one.here);
        theirs_[0].state = static_cast<std::uint8_t>(one.there);
        pass(20);
        std::vector<std::string> wanted;
        if (*one.told != '\0')
            wanted.push_back("backend web/be0: " + std::string(one.told));
        EXPECT_EQ(told_, wanted);
    }
}

TEST_F(PeerFindingsTest, KnowsWhichBackendServesAtAnOwner) {
    const auto writers = [&](const char* peer) { return peer_.writers_at(parse_ip(peer).value()); };
    pass(1);
    EXPECT_TRUE(writers("10.0.0.2").empty());
    theirs_[1].state = kIsWriter;
    pass(1);
    EXPECT_TRUE(writers("10.0.0.2").empty()) << "it does not own the VIPs";
    is_owner_ = true;
    pass(1);
    EXPECT_EQ(writers("10.0.0.2"), (table::PoolWriters{{"web", parse_ip("10.0.0.1").value()}}));
    EXPECT_TRUE(writers("10.0.0.3").empty());
    std::swap(theirs_[0].state, theirs_[1].state);
    pass(1);
    EXPECT_EQ(writers("10.0.0.2"), (table::PoolWriters{{"web", parse_ip("10.0.0.0").value()}}));
    theirs_.push_back({.key = 7});
    pass(1);
    EXPECT_TRUE(writers("10.0.0.2").empty()) << "it has other backends";
}

TEST_F(PeerFindingsTest, WaitsForAFewIntervalsOfTheCheck) {
    config_.pools[0].check = {.type = config::CheckType::kTcp,
                              .interval_ms = 20'000,
                              .timeout_ms = 1000,
                              .rise = 1,
                              .fall = 2};
    own_.findings[0].state = kFoundDown;
    pass(60);
    EXPECT_TRUE(told_.empty());
    pass(3);
    EXPECT_EQ(told_.size(), 1u);
}

TEST_F(PeerFindingsTest, GatewaysWithOtherBackendsAreNotCompared) {
    own_.findings[0].state = kFoundDown;
    theirs_.push_back({.key = 999});
    pass(60);
    EXPECT_TRUE(told_.empty());
}

TEST_F(PeerFindingsTest, ADifferenceEndsWithoutAWordWithItsBackend) {
    own_.findings[0].state = kFoundDown;
    pass(30);
    ASSERT_EQ(told_.size(), 1u);
    own_.findings.erase(own_.findings.begin());
    theirs_.erase(theirs_.begin());
    pass(30);
    EXPECT_EQ(told_.size(), 1u);
    EXPECT_TRUE(peer_.warnings(now_ns_).empty());
}

TEST_F(PeerFindingsTest, ADifferenceOutlastsARestartOfThePeer) {
    own_.findings[0].state = kFoundDown;
    pass(30);
    theirs_[0].state = kFoundUnknown;
    pass(3);
    theirs_[0].state = 0;
    pass(30);
    EXPECT_EQ(told_.size(), 1u);
    EXPECT_EQ(peer_.warnings(now_ns_).size(), 1u);
}

TEST_F(PeerFindingsTest, APeerThatIsSilentIsForgotten) {
    own_.findings[0].state = kFoundDown;
    pass(30);
    ASSERT_EQ(peer_.warnings(now_ns_).size(), 1u);
    now_ns_ += PeerDigests::kForgotten_ns;
    EXPECT_TRUE(peer_.update(now_ns_).empty());
    EXPECT_TRUE(peer_.warnings(now_ns_).empty());
}

TEST_F(PeerFindingsTest, ManyDifferencesAreCountedRatherThanListed) {
    have(2000);
    for (table::BackendFinding& finding : own_.findings)
        finding.state = kFoundDown;
    theirs_ = own_.findings;
    for (table::BackendFinding& finding : theirs_)
        finding.state = 0;
    pass(30);
    ASSERT_EQ(told_.size(), PeerFindings::kMostEvents + 1);
    EXPECT_NE(told_.back().find("980 more are found otherwise"), std::string::npos) << told_.back();
    EXPECT_NE(peer_.warnings(now_ns_)[0].text.find("; and 997 more"), std::string::npos);
}

}  // namespace
}  // namespace vipfwd::group
