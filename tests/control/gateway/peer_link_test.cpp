// SPDX-License-Identifier: Apache-2.0
// A gateway and another machine on one link:
//
//   the gateway            the other one
//   up0  10.0.0.1/24 ──veth── down0  10.0.0.2/24
#include "control/gateway/peer_link.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <optional>

#include "dataplane/abi/clock.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/view/gateway_scene.h"
#include "tests/privilege.h"

namespace vipfwd::gateway {
namespace {

using table::sample::ip;

class PeerLinkTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        peer_.emplace();
        peer_->link(false);
        peer_->visit([&] {
            theirs_.emplace(
                net::PeerSocket::open("down0", true, scene_.config.gateway.peer_port).value());
        });
        scene_.config.groups = {table::sample::group("edge", {ip("10.0.0.100")})};
        scene_.start_dataplane();
        status_ = {{.name = "edge",
                    .port = "uplink",
                    .state = vrrp::State::kBackup,
                    .source = ip("10.0.0.1"),
                    .last_advert = {{.source = ip("10.0.0.2")}}}};
    }
    void update() {
        (void)link_.update(
            scene_.config, status_, [](std::size_t port) { return port == 0 ? "up0" : ""; },
            &*scene_.publisher);
    }
    std::optional<group::PeerMessage> received(int within_ms) {
        std::optional<group::PeerMessage> message;
        pollfd readable{theirs_->fd(), POLLIN, 0};
        poll(&readable, 1, within_ms);
        theirs_->drain([&](const net::ReceivedPacket& packet) {
            if (const auto digest = group::decode_peer_message(packet.payload))
                message = digest;
            if (const auto report = group::decode_report(packet.payload))
                report_ = report;
        });
        return message;
    }

    // What is sent before the link has a carrier is lost; a change is told at once.
    std::optional<group::PeerMessage> told() {
        std::optional<group::PeerMessage> message;
        const std::int64_t start_ns = monotonic_ns();
        while (!message && monotonic_ns() - start_ns < 20 * kNanosecondsPerS) {
            ++scene_.config.pools[0].backends[0].weight;
            scene_.publish();
            update();
            message = received(50);
        }
        return message;
    }

    std::optional<net::PrivateNetwork> network_;
    std::optional<net::Peer> peer_;
    std::optional<net::PeerSocket> theirs_;
    view::Scene scene_;
    std::vector<group::GroupStatus> status_;
    std::optional<group::FindingsReport> report_;  // the last one
    PeerLink link_{"0.1.0", nullptr};
};

TEST_F(PeerLinkTest, ABackupTellsItsLeaderWhatIsInForce) {
    const std::optional<group::PeerMessage> message = told();
    ASSERT_TRUE(message) << "nothing arrives";
    EXPECT_EQ(message->group_id, 51);
    EXPECT_EQ(message->digest,
              table::group_digest(scene_.publisher->in_force(), scene_.config.groups[0].vips));
    EXPECT_EQ(message->version, "0.1.0");
    EXPECT_NE(message->digest.key, 0u);
    if (!report_)
        received(1000);
    ASSERT_TRUE(report_);
    EXPECT_EQ(report_->count, scene_.config.pools[0].backends.size());

    status_[0].state = vrrp::State::kActive;  // nobody has talked to it
    scene_.config.pools[0].backends[0].weight = 1000;
    scene_.publish();
    update();
    EXPECT_FALSE(received(50));
}

TEST_F(PeerLinkTest, TellsThatItsKeyIsRandom) {
    scene_.config.gateway.key.reset();
    const std::optional<group::PeerMessage> message = told();
    ASSERT_TRUE(message) << "nothing arrives";
    EXPECT_EQ(message->digest.key, 0u);
}

TEST_F(PeerLinkTest, HasNoWarningsByItself) {
    update();
    link_.add_warnings(status_, monotonic_ns());
    EXPECT_TRUE(status_[0].warnings.empty());
}

}  // namespace
}  // namespace vipfwd::gateway
