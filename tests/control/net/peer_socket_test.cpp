// SPDX-License-Identifier: Apache-2.0
// Two machines on one link:
//
//   this process                          peer
//   up0  10.0.0.1/24 fd00::1/64  ──veth── down0  10.0.0.2/24 fd00::2/64
#include "control/net/peer_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <optional>
#include <vector>

#include "dataplane/abi/clock.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/net/sample_network.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

constexpr std::uint16_t kPeerPort = 9871;

TEST(PeerSocket, ReportsEachDatagramWithItsAddressesAndTtl) {
    VIPFWD_REQUIRE_ROOT();
    const PrivateNetwork network;
    const Peer peer;
    peer.link(true);
    for (const bool is_v4 : {true, false}) {
        const IpAddress our_address = ip(is_v4 ? "10.0.0.1" : "fd00::1");
        const IpAddress their_address = ip(is_v4 ? "10.0.0.2" : "fd00::2");
        PeerSocket ours = PeerSocket::open("up0", is_v4, kPeerPort).value();
        std::optional<PeerSocket> theirs;
        peer.visit([&] { theirs.emplace(PeerSocket::open("down0", is_v4, kPeerPort).value()); });
        // What is sent before the kernel has noticed the link's carrier is lost.
        const std::int64_t start_ns = monotonic_ns();
        pollfd readable{ours.fd(), POLLIN, 0};
        do {
            ASSERT_LT(monotonic_ns() - start_ns, 20 * kNanosecondsPerS) << "nothing arrives";
            theirs->send(std::vector<std::uint8_t>{1, 2, 3}, their_address, our_address);
        } while (poll(&readable, 1, 50) != 1);
        std::size_t count = 0;
        ours.drain([&](const ReceivedPacket& one) {
            ++count;
            EXPECT_EQ(std::vector(one.payload.begin(), one.payload.end()),
                      (std::vector<std::uint8_t>{1, 2, 3}));
            EXPECT_EQ(one.source, their_address);
            EXPECT_EQ(one.destination, our_address);
            EXPECT_EQ(one.ttl, 255);
        });
        EXPECT_GE(count, 1u);
    }
}

TEST(PeerSocket, OnAnUnknownInterfaceIsAnError) {
    VIPFWD_REQUIRE_ROOT();
    const auto socket = PeerSocket::open("nowhere0", true, kPeerPort);
    ASSERT_FALSE(socket);
    EXPECT_NE(socket.error().message.find("by UDP port 9871 on nowhere0"), std::string::npos);
}

}  // namespace
}  // namespace vipfwd::net
