// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_commands.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "dataplane/abi/address_text.h"

namespace vipfwd::group {
namespace {

const health::AdminChange kDrainOfBe1{
    .pool = "web", .backend = "10.0.0.11", .state = abi::BackendAdmin::kDrain};

IpAddress ip(const char* text) {
    return parse_ip(text).value();
}

GroupPeer peer_at(const char* address, const char* group = "edge") {
    return {group, 51, ip(address)};
}

// The gateway where the operator is (10.0.0.1) and another one (10.0.0.2), and the network between
// them, which can lose messages.
class PeerCommandsTest : public testing::Test {
  protected:
    void start(std::vector<GroupPeer> peers = {peer_at("10.0.0.2")}) {
        here_.start(kDrainOfBe1, std::move(peers), sessions_at_start(), now_ns_,
                    [this](const std::vector<PeerOutcome>& outcomes) {
                        ++ended_;
                        outcomes_ = outcomes;
                    });
    }
    PeerCommands::FindSession sessions_at_start() const {
        return [this](const GroupPeer& peer) -> std::optional<std::uint64_t> {
            const auto session = sessions_.find(peer.address);
            return session != sessions_.end() ? std::optional(session->second) : std::nullopt;
        };
    }
    // What this gateway sends now.
    std::vector<CommandMessage> sent() {
        std::vector<CommandMessage> commands;
        for (const PeerCommands::Outgoing& one : here_.update(sessions_at_start(), now_ns_)) {
            commands.push_back(decode_command(one.message).value());
            to_.push_back(one.to.address);
        }
        return commands;
    }
    // What the other one answers now.
    std::vector<AnswerMessage> answers() {
        std::vector<AnswerMessage> all;
        for (const PeerCommands::Outgoing& one : there_.update(sessions_at_start(), now_ns_)) {
            EXPECT_EQ(one.to, peer_at("10.0.0.1"));
            all.push_back(decode_answer(one.message).value());
        }
        return all;
    }
    void pass(std::int64_t ms) { now_ns_ += ms * kNanosecondsPerMs; }

    PeerCommands here_{[](const auto&, const auto&, const auto&) { FAIL() << "nobody asks"; }};
    std::vector<health::AdminChange> executed_;
    PeerCommands::Answer answer_;
    PeerCommands there_{[this](const health::AdminChange& change, const IpAddress& by,
                               const PeerCommands::Answer& answer) {
        EXPECT_EQ(by, ip("10.0.0.1"));
        executed_.push_back(change);
        answer_ = answer;
    }};
    std::map<IpAddress, std::uint64_t> sessions_ = {{ip("10.0.0.2"), there_.session()}};
    std::int64_t now_ns_ = 1000 * kNanosecondsPerS;
    std::vector<IpAddress> to_;  // of commands
    int ended_ = 0;
    std::vector<PeerOutcome> outcomes_;
};

TEST_F(PeerCommandsTest, ACommandIsExecutedOnceAndAnswered) {
    start();
    EXPECT_TRUE(here_.is_waiting());
    const auto commands = sent();
    ASSERT_EQ(commands.size(), 1u);
    EXPECT_EQ(to_, std::vector{ip("10.0.0.2")});
    there_.on_command(peer_at("10.0.0.1"), commands[0]);
    EXPECT_EQ(executed_, std::vector{kDrainOfBe1});
    EXPECT_TRUE(answers().empty()) << "it is not in force yet";
    EXPECT_FALSE(there_.is_waiting());
    answer_({.error = "", .serving = 2, .backends = 3});
    EXPECT_TRUE(there_.is_waiting());
    const auto answered = answers();
    ASSERT_EQ(answered.size(), 1u);
    EXPECT_FALSE(there_.is_waiting());
    here_.on_answer(peer_at("10.0.0.2"), answered[0]);
    EXPECT_EQ(ended_, 0) << "only update() ends commands";
    EXPECT_TRUE(sent().empty());
    ASSERT_EQ(ended_, 1);
    ASSERT_EQ(outcomes_.size(), 1u);
    EXPECT_EQ(outcomes_[0].peer, ip("10.0.0.2"));
    EXPECT_EQ(outcomes_[0].outcome.error, "");
    EXPECT_EQ(outcomes_[0].outcome.serving, 2u);
    EXPECT_EQ(outcomes_[0].outcome.backends, 3u);
    EXPECT_FALSE(here_.is_waiting());
}

TEST_F(PeerCommandsTest, WhatIsLostIsSentAgainAndNotExecutedAgain) {
    start();
    const auto first = sent();
    pass(100);
    EXPECT_TRUE(sent().empty()) << "too soon";
    pass(400);
    const auto second = sent();
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second, first);
    there_.on_command(peer_at("10.0.0.1"), second[0]);
    there_.on_command(peer_at("10.0.0.1"), second[0]);
    answer_({.error = "", .serving = 2, .backends = 3});
    const auto lost = answers();
    ASSERT_EQ(lost.size(), 1u);
    there_.on_command(peer_at("10.0.0.1"), second[0]);
    EXPECT_EQ(answers(), lost) << "the answer is repeated";
    EXPECT_EQ(executed_.size(), 1u);
}

TEST_F(PeerCommandsTest, TheErrorOfTheOtherGatewayIsTold) {
    start();
    there_.on_command(peer_at("10.0.0.1"), sent().at(0));
    answer_({.error = "there is no pool 'web'"});
    here_.on_answer(peer_at("10.0.0.2"), answers().at(0));
    sent();
    EXPECT_EQ(outcomes_.at(0).outcome.error, "there is no pool 'web'");
}

TEST_F(PeerCommandsTest, WithoutAnAnswerItEndsAfterSomeTime) {
    start();
    sent();
    now_ns_ += PeerCommands::kTimeout_ns - 1;
    sent();
    EXPECT_EQ(ended_, 0);
    pass(1);
    sent();
    ASSERT_EQ(ended_, 1);
    EXPECT_NE(outcomes_.at(0).outcome.error.find("no answer"), std::string::npos);
}

TEST_F(PeerCommandsTest, AnAnswerOfAnotherGatewayOrCommandIsIgnored) {
    start();
    const std::uint64_t id = sent().at(0).id;
    here_.on_answer(peer_at("10.0.0.3"), {.group_id = 51, .id = id});
    here_.on_answer(peer_at("10.0.0.2", "other"), {.group_id = 51, .id = id});
    here_.on_answer(peer_at("10.0.0.2"), {.group_id = 51, .id = id + 1});
    sent();
    EXPECT_EQ(ended_, 0);
}

TEST_F(PeerCommandsTest, SilentAndOldGatewaysAreToldOfAtOnce) {
    sessions_[ip("10.0.0.3")] = 0;
    start({peer_at("10.0.0.3"), peer_at("10.0.0.4"), peer_at("10.0.0.4", "other")});
    EXPECT_TRUE(sent().empty());
    ASSERT_EQ(ended_, 1);
    ASSERT_EQ(outcomes_.size(), 2u);
    EXPECT_NE(outcomes_[0].outcome.error.find("its version"), std::string::npos);
    EXPECT_NE(outcomes_[1].outcome.error.find("sent nothing"), std::string::npos);
}

TEST_F(PeerCommandsTest, AGatewayWithSeveralAddressesIsToldOnce) {
    sessions_[ip("fd00::2")] = there_.session();
    start({peer_at("10.0.0.2"), peer_at("fd00::2", "edge6")});
    EXPECT_EQ(sent().size(), 1u);
}

TEST_F(PeerCommandsTest, ACommandForAnEarlierProcessDecidesNothing) {
    start();
    CommandMessage recorded = sent().at(0);
    recorded.session ^= 1;
    there_.on_command(peer_at("10.0.0.1"), recorded);
    EXPECT_TRUE(executed_.empty());
}

TEST_F(PeerCommandsTest, AGatewayThatHasStartedAgainIsToldWithItsNewSession) {
    start();
    const std::uint64_t before = sent().at(0).session;
    sessions_[ip("10.0.0.2")] = before + 1;
    pass(500);
    EXPECT_EQ(sent().at(0).session, before + 1);
    sessions_.clear();
    pass(500);
    EXPECT_TRUE(sent().empty()) << "it is silent";
    EXPECT_TRUE(here_.is_waiting());
}

TEST_F(PeerCommandsTest, OnlyTheLastCommandsAreRemembered) {
    for (std::uint64_t id = 0; id <= PeerCommands::kMostReceived; ++id)
        there_.on_command(peer_at("10.0.0.1"),
                          {.session = there_.session(), .id = id, .change = kDrainOfBe1});
    const PeerCommands::Answer last = answer_;
    EXPECT_EQ(executed_.size(), PeerCommands::kMostReceived + 1);
    there_.on_command(peer_at("10.0.0.1"),
                      {.session = there_.session(), .id = 1, .change = kDrainOfBe1});
    EXPECT_EQ(executed_.size(), PeerCommands::kMostReceived + 1);
    last({.error = ""});
    EXPECT_EQ(answers().at(0).id, PeerCommands::kMostReceived);
}

// Two pools; the groups "edge" and "edge6" have VIPs with services of "web".
class PeersWithPoolTest : public testing::Test {
  protected:
    PeersWithPoolTest() {
        config_.gateway.peer_port = 9871;
        config_.pools.resize(2);
        config_.pools[0].name = "web";
        config_.pools[1].name = "dns";
        for (const auto& [name, vip, peer] : {std::tuple("edge", "10.0.0.100", "10.0.0.2"),
                                              std::tuple("edge6", "fd00::100", "fd00::2"),
                                              std::tuple("other", "10.0.0.101", "10.0.0.3")}) {
            config::Group& group = config_.groups.emplace_back();
            group.name = name;
            group.id = 51;
            group.vips = {ip(vip)};
            group.peers = {ip(peer)};
            group.auth_key = abi::hmac_key(std::vector<std::uint8_t>(32, 1));
        }
        for (const char* vip : {"10.0.0.100", "fd00::100"})
            config_.services.emplace_back().vip = ip(vip);
    }

    config::Config config_;
};

TEST_F(PeersWithPoolTest, AreThoseOfTheGroupsWithItsServices) {
    const auto peers = peers_with_pool(config_, "web");
    ASSERT_TRUE(peers) << peers.error().message;
    EXPECT_EQ(*peers, (std::vector{peer_at("10.0.0.2"), peer_at("fd00::2", "edge6")}));
}

TEST_F(PeersWithPoolTest, AreToldNothingWithoutAKeyOfEachGroup) {
    config_.groups[1].auth_key.reset();
    const auto peers = peers_with_pool(config_, "web");
    ASSERT_FALSE(peers);
    EXPECT_NE(peers.error().message.find("group 'edge6' cannot be told"), std::string::npos);
    config_.groups[2].auth_key.reset();
    config_.groups[1].auth_key = config_.groups[0].auth_key;
    EXPECT_TRUE(peers_with_pool(config_, "web")) << "it has nothing to do with the pool";
}

TEST_F(PeersWithPoolTest, AreNoneIfNoGroupHasAServiceOfThePool) {
    const auto peers = peers_with_pool(config_, "dns");
    ASSERT_FALSE(peers);
    EXPECT_NE(peers.error().message.find("pool 'dns'"), std::string::npos);
}

TEST_F(PeersWithPoolTest, AreToldNothingWithoutAPort) {
    config_.gateway.peer_port = 0;
    const auto peers = peers_with_pool(config_, "web");
    ASSERT_FALSE(peers);
    EXPECT_NE(peers.error().message.find("peer_port"), std::string::npos);
}

}  // namespace
}  // namespace vipfwd::group
