// SPDX-License-Identifier: Apache-2.0
#include "control/group/advert_listeners.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "control/vrrp/advert.h"
#include "dataplane/abi/address_text.h"
#include "tests/control/loop/deadline.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::group {
namespace {

const IpAddress kOurAddress = parse_ip("10.0.0.1").value();
const IpAddress kPeerAddress = parse_ip("10.0.0.2").value();
const ListenPoint kUp4{"up0", true};
const ListenPoint kUp6{"up0", false};

// The interface "up0" here is linked to "down0" of the peer.
class AdvertListenersTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        peer_.emplace();
    }
    void add_link() { peer_->link(false); }
    // Sends an advert of the peer and waits until it arrives; returns where it did.
    std::optional<ListenPoint> receive() {
        std::optional<net::AdvertSocket> theirs;
        peer_->visit([&] { theirs.emplace(net::AdvertSocket::open("down0", true).value()); });
        const vrrp::Advert advert{
            .id = 1, .priority = 100, .interval_ms = 1000, .addresses = {kOurAddress}};
        theirs->send(vrrp::encode(advert, kPeerAddress, vrrp::multicast_group(true),
                                  vrrp::ChecksumForm::kWithPseudoHeader),
                     kPeerAddress, vrrp::multicast_group(true));
        loop_.run();
        std::optional<ListenPoint> where;
        listeners_.drain([&](const ListenPoint& point, const net::ReceivedAdvert& received) {
            EXPECT_EQ(received.source, kPeerAddress);
            where = point;
        });
        return where;
    }

    std::optional<net::PrivateNetwork> network_;
    std::optional<net::Peer> peer_;
    Loop loop_;
    test::Deadline deadline_{loop_};
    AdvertListeners listeners_{loop_, [this] { loop_.stop(); }};
};

TEST_F(AdvertListenersTest, AdvertsArriveAtTheListenPointOfTheirInterfaceAndFamily) {
    add_link();
    listeners_.listen_at({kUp4, kUp6});
    EXPECT_NE(listeners_.find(kUp4), nullptr);
    EXPECT_NE(listeners_.find(kUp6), nullptr);
    EXPECT_EQ(receive(), kUp4);
}

TEST_F(AdvertListenersTest, AListenPointThatIsNotWantedAnyMoreIsClosed) {
    add_link();
    listeners_.listen_at({kUp4, kUp6});
    listeners_.listen_at({kUp6});
    EXPECT_EQ(listeners_.find(kUp4), nullptr);
    EXPECT_NE(listeners_.find(kUp6), nullptr);
    listeners_.listen_at({});
    EXPECT_EQ(listeners_.find(kUp6), nullptr);
}

TEST_F(AdvertListenersTest, AnInterfaceThatIsNotThereYetIsTriedAgain) {
    listeners_.listen_at({{"", true}, kUp4});
    EXPECT_EQ(listeners_.find(kUp4), nullptr);
    EXPECT_EQ(listeners_.find({"", true}), nullptr) << "a port without an interface";
    add_link();
    listeners_.listen_at({kUp4});
    EXPECT_EQ(receive(), kUp4);
}

TEST_F(AdvertListenersTest, AnInterfaceThatWasRecreatedIsListenedAtAnew) {
    add_link();
    listeners_.listen_at({kUp4});
    net::run_ip("link del up0");
    add_link();
    listeners_.listen_at({kUp4});
    EXPECT_EQ(receive(), kUp4);
}

}  // namespace
}  // namespace vipfwd::group
