// SPDX-License-Identifier: Apache-2.0
// Two gateways on one link, the other one in a namespace of its own:
//
//   ours                                  theirs
//   up0  10.0.0.1/24 fd00::1/64  ──veth── down0  10.0.0.2/24 fd00::2/64
#include "control/group/peer_exchange.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::group {
namespace {

constexpr std::uint16_t kPort = 9871;

std::optional<abi::HmacKey> key_of(std::uint8_t byte) {
    return abi::hmac_key(std::vector<std::uint8_t>(32, byte));
}

// A gateway with one group. Its time passes a second with each update.
struct Gateway {
    config::Config config;
    config::Group group;
    std::string interface;
    IpAddress source;
    std::optional<IpAddress> leader = {};
    bool is_owner = false;
    table::GroupDigest digest = {.key = 1, .services = 2, .backends = 3};
    std::shared_ptr<const OwnFindings> findings = nullptr;
    std::vector<health::AdminChange> executed = {};
    PeerExchange exchange{"0.1.0", [this](const health::AdminChange& change, const IpAddress&,
                                          const PeerCommands::Answer& answer) {
                              executed.push_back(change);
                              answer({.error = "", .serving = 2, .backends = 3});
                          }};
    std::int64_t now_ns = 1000 * kNanosecondsPerS;

    void update(std::uint16_t port = kPort) {
        now_ns += kNanosecondsPerS;
        const PeerGroup one{.config = group,
                            .interface = interface,
                            .source = source,
                            .is_owner = is_owner,
                            .leader = leader,
                            .digest = digest,
                            .findings = findings};
        config.gateway.peer_port = port;
        (void)exchange.update({&one, 1}, config, now_ns, clock_ns(CLOCK_REALTIME));
    }
    std::vector<Warning> warnings() const { return exchange.warnings("edge", now_ns); }
};

// The parameter is true for IPv4, false for IPv6.
class PeerExchangeTest : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        peer_.emplace();
        peer_->link(true);
        ours_.group.name = theirs_.group.name = "edge";
        ours_.group.id = theirs_.group.id = 51;
        ours_.group.vips =
            theirs_.group.vips = {parse_ip(GetParam() ? "10.0.0.100" : "fd00::100").value()};
        ours_.interface = "up0";
        theirs_.interface = "down0";
        ours_.source = parse_ip(GetParam() ? "10.0.0.1" : "fd00::1").value();
        theirs_.source = parse_ip(GetParam() ? "10.0.0.2" : "fd00::2").value();
        theirs_.leader = ours_.source;  // it is a backup
    }

    void pass(int seconds) {
        for (int i = 0; i < seconds; ++i) {
            ours_.update();
            peer_->visit([&] { theirs_.update(); });
        }
    }
    // What is sent before the link has a carrier is lost.
    template <typename Condition>
    void pass_until(Condition is_met) {
        const std::int64_t start_ns = monotonic_ns();
        while (!is_met()) {
            ASSERT_LT(monotonic_ns() - start_ns, 20 * kNanosecondsPerS) << "no message arrives";
            pass(1);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    void with_key(Gateway& gateway, std::uint8_t byte) {
        gateway.group.auth_key = key_of(byte);
        gateway.group.peers = {&gateway == &ours_ ? theirs_.source : ours_.source};
    }

    std::optional<net::PrivateNetwork> network_;
    std::optional<net::Peer> peer_;
    Gateway ours_;
    Gateway theirs_;
};

TEST_P(PeerExchangeTest, ADifferenceIsReportedOnBothSides) {
    theirs_.digest.backends = 7;
    pass_until([&] { return !ours_.warnings().empty() && !theirs_.warnings().empty(); });
    EXPECT_EQ(ours_.warnings()[0].source, to_string(theirs_.source));
    EXPECT_EQ(theirs_.warnings()[0].source, to_string(ours_.source));
    ours_.digest.backends = 7;
    pass_until([&] { return ours_.warnings().empty() && theirs_.warnings().empty(); });
}

// The tables of a gateway with one pool of one backend.
std::shared_ptr<const OwnFindings> findings_of(std::uint8_t state) {
    auto tables = std::make_shared<table::Tables>();
    tables->pools.emplace_back();
    tables->backends.emplace_back().address = parse_ip("10.0.0.11").value();
    return std::make_shared<const OwnFindings>(
        OwnFindings{.tables = std::move(tables), .findings = {{.key = 7, .state = state}}});
}

TEST_P(PeerExchangeTest, DisagreementAboutABackendIsReportedOnBothSides) {
    ours_.findings = findings_of(table::kFoundDown);
    theirs_.findings = findings_of(0);
    pass_until([&] { return !ours_.warnings().empty() && !theirs_.warnings().empty(); });
    EXPECT_EQ(ours_.warnings()[0].reason, "findings_differ");
    EXPECT_NE(ours_.warnings()[0].text.find("down here, but up at " + to_string(theirs_.source)),
              std::string::npos);
    EXPECT_NE(theirs_.warnings()[0].text.find("up here, but down at " + to_string(ours_.source)),
              std::string::npos);
    ours_.findings = findings_of(0);
    pass_until([&] { return ours_.warnings().empty() && theirs_.warnings().empty(); });
}

TEST_P(PeerExchangeTest, ABackupFollowsTheWriterOfItsLeader) {
    ours_.is_owner = true;
    ours_.findings = findings_of(table::kIsWriter);
    theirs_.findings = findings_of(table::kIsWriter);
    const auto& followed = theirs_.exchange.followed_writers();
    pass_until([&] { return !followed.empty(); });
    EXPECT_EQ(followed.begin()->second, parse_ip("10.0.0.11").value());
    EXPECT_TRUE(ours_.exchange.followed_writers().empty());
    theirs_.is_owner = true;
    theirs_.leader.reset();
    pass(1);
    EXPECT_TRUE(followed.empty()) << "it owns the VIPs itself";
}

TEST_P(PeerExchangeTest, ADifferenceIsToldOnceForAllGroupsOfTwoGateways) {
    ours_.findings = findings_of(table::kFoundDown);
    theirs_.findings = findings_of(0);
    config::Group second = ours_.group;
    second.name = "second";
    second.id = 52;
    const auto update = [&second](Gateway& gateway) {
        gateway.now_ns += kNanosecondsPerS;
        gateway.config.gateway.peer_port = kPort;
        std::vector<PeerGroup> groups;
        for (const config::Group* const group : {&second, &gateway.group})
            groups.push_back({.config = *group,
                              .interface = gateway.interface,
                              .source = gateway.source,
                              .leader = gateway.leader,
                              .digest = gateway.digest,
                              .findings = gateway.findings});
        return gateway.exchange.update(groups, gateway.config, gateway.now_ns,
                                       clock_ns(CLOCK_REALTIME));
    };
    std::vector<events::Event> told;
    const auto pass_both = [&](int seconds) {
        for (int i = 0; i < seconds; ++i) {
            std::ranges::move(update(ours_), std::back_inserter(told));
            peer_->visit([&] { (void)update(theirs_); });
        }
    };
    const std::int64_t start_ns = monotonic_ns();
    while (told.empty() && monotonic_ns() - start_ns < 20 * kNanosecondsPerS)
        pass_both(1);
    pass_both(60);
    EXPECT_EQ(told.size(), 1u);
    EXPECT_EQ(ours_.warnings().size(), 1u);
    EXPECT_TRUE(ours_.exchange.warnings("second", ours_.now_ns).empty());
}

TEST_P(PeerExchangeTest, OfTwoOwnersThatOfTheLowerIdIsFollowed) {
    theirs_.findings = ours_.findings = findings_of(table::kIsWriter);
    ours_.is_owner = true;
    pass_until([&] { return !theirs_.exchange.followed_writers().empty(); });
    config::Group other = theirs_.group;
    other.name = "other";
    const auto update_with_owned = [&](std::uint32_t id) {
        other.id = id;
        const PeerGroup one{.config = theirs_.group,
                            .interface = theirs_.interface,
                            .source = theirs_.source,
                            .leader = theirs_.leader,
                            .digest = theirs_.digest,
                            .findings = theirs_.findings};
        PeerGroup owned = {.config = other,
                           .interface = theirs_.interface,
                           .source = theirs_.source,
                           .is_owner = true,
                           .digest = theirs_.digest,
                           .findings = theirs_.findings};
        peer_->visit([&] {
            (void)theirs_.exchange.update(std::vector{one, owned}, theirs_.config, theirs_.now_ns,
                                          clock_ns(CLOCK_REALTIME));
        });
        return !theirs_.exchange.followed_writers().empty();
    };
    EXPECT_FALSE(update_with_owned(50));
    EXPECT_TRUE(update_with_owned(52));
    EXPECT_FALSE(update_with_owned(50));
}

TEST_P(PeerExchangeTest, OfAFloodOfReportsOnlySomeAreRead) {
    ours_.findings = findings_of(table::kFoundDown);
    theirs_.findings = findings_of(0);
    pass_until([&] { return !ours_.warnings().empty(); });
    const std::vector<std::uint8_t> report =
        encode(reports_of(theirs_.findings->findings, static_cast<std::uint8_t>(51))[0]);
    const std::uint64_t before = ours_.warnings()[0].count;
    peer_->visit([&] {
        auto socket = net::PeerSocket::open("down0", GetParam(), kPort + 1).value();
        for (int i = 0; i < 200; ++i)
            net::send_from(socket.fd(), report, theirs_.source, ours_.source, 0, kPort);
    });
    ours_.update();
    const std::uint64_t read = ours_.warnings()[0].count - before;
    EXPECT_GE(read, 1u);
    EXPECT_LE(read, PeerExchange::kMostReceivedReports);
}

TEST_P(PeerExchangeTest, AFloodOfMessagesMakesNoUpdateDue) {
    ours_.update();
    const auto send = [&](std::size_t count) {
        peer_->visit([&] {
            auto socket = net::PeerSocket::open("down0", GetParam(), kPort + 1).value();
            for (std::size_t i = 0; i < count; ++i)
                net::send_from(socket.fd(), std::vector<std::uint8_t>(8), theirs_.source,
                               ours_.source, 0, kPort);
        });
    };
    const std::int64_t start_ns = monotonic_ns();
    while (!ours_.exchange.is_update_due()) {  // what is sent before the link is up is lost
        ASSERT_LT(monotonic_ns() - start_ns, 20 * kNanosecondsPerS);
        send(1);
    }
    send(PeerExchange::kMostMessages);
    ours_.update();
    send(1);
    EXPECT_FALSE(ours_.exchange.is_update_due());
    ours_.update();
    send(1);
    EXPECT_TRUE(ours_.exchange.is_update_due());
}

TEST_P(PeerExchangeTest, EqualGatewaysReportNothing) {
    theirs_.digest.backends = 7;
    pass_until([&] { return !ours_.warnings().empty(); });
    theirs_.digest.backends = 3;
    pass_until([&] { return ours_.warnings().empty(); });
    pass(100);
    EXPECT_TRUE(ours_.warnings().empty());
    EXPECT_TRUE(theirs_.warnings().empty());
}

TEST_P(PeerExchangeTest, MessagesAreAuthenticatedWithTheGroupsKey) {
    with_key(ours_, 1);
    with_key(theirs_, 1);
    theirs_.digest.key = 7;
    pass_until([&] { return !ours_.warnings().empty() && !theirs_.warnings().empty(); });
}

TEST_P(PeerExchangeTest, WithTheSecondKey) {
    with_key(ours_, 1);
    with_key(theirs_, 2);
    ours_.group.auth_second_key = key_of(2);
    theirs_.digest.key = 7;
    pass_until([&] { return !ours_.warnings().empty(); });
    EXPECT_TRUE(theirs_.warnings().empty()) << "it has no second key";
}

TEST_P(PeerExchangeTest, NothingUnauthenticatedIsBelievedWhereItIsRequired) {
    with_key(ours_, 1);
    theirs_.digest.key = 7;
    pass_until([&] { return !theirs_.warnings().empty(); });  // ours are understood without a key
    EXPECT_TRUE(ours_.warnings().empty());
    ours_.group.auth_required = false;
    pass_until([&] { return !ours_.warnings().empty(); });
}

class PeerExchangeCommandTest : public PeerExchangeTest {
  protected:
    const health::AdminChange change_{
        .pool = "web", .backend = "10.0.0.11", .state = abi::BackendAdmin::kDrain};
    std::optional<std::vector<PeerOutcome>> outcomes_;

    void command() {
        ours_.exchange.command(change_, {{"edge", 51, theirs_.source}}, ours_.now_ns,
                               [this](const auto& outcomes) { outcomes_ = outcomes; });
    }
    // Both know each other.
    void meet() {
        theirs_.digest.key = 7;
        pass_until([&] { return !ours_.warnings().empty() && !theirs_.warnings().empty(); });
    }
};

TEST_P(PeerExchangeCommandTest, IsExecutedAtAPeerWithTheKey) {
    with_key(ours_, 1);
    with_key(theirs_, 1);
    meet();
    command();
    EXPECT_TRUE(ours_.exchange.is_update_due());
    pass_until([&] { return outcomes_.has_value(); });
    EXPECT_EQ(theirs_.executed, std::vector{change_});
    ASSERT_EQ(outcomes_->size(), 1u);
    EXPECT_EQ(outcomes_->front().peer, theirs_.source);
    EXPECT_EQ(outcomes_->front().outcome.error, "");
    EXPECT_EQ(outcomes_->front().outcome.serving, 2u);
}

TEST_P(PeerExchangeCommandTest, ThatArrivesMakesAnUpdateDue) {
    with_key(ours_, 1);
    with_key(theirs_, 1);
    meet();
    pass(10);
    command();
    ours_.update();
    pass_until([&] { return theirs_.exchange.is_update_due() || !theirs_.executed.empty(); });
}

TEST_P(PeerExchangeCommandTest, IsNotExecutedWithoutProofOfTheKey) {
    with_key(ours_, 1);
    theirs_.group.auth_required = false;
    with_key(theirs_, 2);
    theirs_.digest.key = 7;
    ours_.group.auth_required = false;
    pass_until([&] { return !ours_.warnings().empty(); });
    command();
    pass_until([&] { return outcomes_.has_value(); });
    EXPECT_TRUE(theirs_.executed.empty());
    EXPECT_NE(outcomes_->at(0).outcome.error.find("no answer"), std::string::npos);
}

TEST_P(PeerExchangeTest, OnlyPeersAreBelievedIfTheyAreListed) {
    ours_.group.peers = {parse_ip(GetParam() ? "10.0.0.9" : "fd00::9").value()};
    theirs_.digest.key = 7;
    pass(100);
    EXPECT_TRUE(ours_.warnings().empty());
    ours_.group.peers.push_back(theirs_.source);
    pass_until([&] { return !ours_.warnings().empty(); });
}

TEST_P(PeerExchangeTest, AnotherIdIsAnotherGroup) {
    theirs_.group.id = 52;
    theirs_.digest.key = 7;
    pass(100);
    EXPECT_TRUE(ours_.warnings().empty());
    theirs_.group.id = 51;
    pass_until([&] { return !ours_.warnings().empty(); });
}

TEST_P(PeerExchangeTest, FollowsItsPortAndItsInterface) {
    theirs_.digest.key = 7;
    for (int i = 0; i < 50; ++i) {
        ours_.update(0);  // it does not talk
        peer_->visit([&] { theirs_.update(); });
    }
    EXPECT_TRUE(ours_.warnings().empty());
    pass_until([&] { return !ours_.warnings().empty(); });
    net::run_ip("link set up0 name up1");
    net::run_ip("link set up1 up");
    ours_.interface = "up1";
    theirs_.digest.key = 1;
    pass_until([&] { return ours_.warnings().empty(); });
    pass_until([&] { return theirs_.warnings().empty(); });
}

INSTANTIATE_TEST_SUITE_P(OverBothFamilies, PeerExchangeTest, testing::Bool(),
                         [](const auto& one) { return one.param ? "Ipv4" : "Ipv6"; });
INSTANTIATE_TEST_SUITE_P(OverBothFamilies, PeerExchangeCommandTest, testing::Bool(),
                         [](const auto& one) { return one.param ? "Ipv4" : "Ipv6"; });

}  // namespace
}  // namespace vipfwd::group
