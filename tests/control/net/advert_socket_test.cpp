// SPDX-License-Identifier: Apache-2.0
// Two machines on one link:
//
//   this process                          peer
//   up0  10.0.0.1/24 fd00::1/64  ──veth── down0  10.0.0.2/24 fd00::2/64
#include "control/net/advert_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "control/vrrp/advert.h"
#include "dataplane/abi/clock.h"
#include "tests/control/net/peer.h"
#include "tests/control/net/private_network.h"
#include "tests/control/net/sample_network.h"
#include "tests/privilege.h"

namespace vipfwd::net {
namespace {

constexpr int kArrival_ms = 20'000;
constexpr int kSilence_ms = 50;

struct Received {
    std::vector<std::uint8_t> payload;
    IpAddress source;
    IpAddress destination;
    int ttl = 0;
    std::int64_t received_ns = 0;
};

bool is_readable(AdvertSocket& socket, int within_ms) {
    pollfd readable{socket.fd(), POLLIN, 0};
    return poll(&readable, 1, within_ms) == 1;
}

std::vector<Received> drain(AdvertSocket& socket) {
    std::vector<Received> all;
    socket.drain([&](const ReceivedAdvert& one) {
        all.push_back({{one.payload.begin(), one.payload.end()},
                       one.source,
                       one.destination,
                       one.ttl,
                       one.received_ns});
    });
    return all;
}

// The parameter is true for IPv4, false for IPv6.
class AdvertSocketTest : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        peer_.emplace();
        make_link();
        open_ours();
        peer_->visit([&] { theirs_.emplace(AdvertSocket::open("down0", GetParam()).value()); });
    }

    void make_link() { peer_->link(true); }
    void open_ours() { ours_.emplace(AdvertSocket::open("up0", GetParam()).value()); }

    static IpAddress our_address() { return ip(GetParam() ? "10.0.0.1" : "fd00::1"); }
    static IpAddress their_address() { return ip(GetParam() ? "10.0.0.2" : "fd00::2"); }
    static IpAddress all_routers() { return vrrp::multicast_group(GetParam()); }

    void they_send(const std::vector<std::uint8_t>& payload, const IpAddress& to) {
        theirs_->send(payload, their_address(), to);
    }

    std::optional<test::PrivateNetwork> network_;
    std::optional<Peer> peer_;
    std::optional<AdvertSocket> ours_;
    std::optional<AdvertSocket> theirs_;
};

TEST_P(AdvertSocketTest, ReportsEachPacketWithItsAddressesTtlAndTime) {
    for (const IpAddress& to : {our_address(), all_routers()}) {
        const std::int64_t before_ns = monotonic_ns();
        they_send({1, 2, 3}, to);
        ASSERT_TRUE(is_readable(*ours_, kArrival_ms));
        const std::int64_t after_ns = monotonic_ns();
        const std::vector<Received> all = drain(*ours_);
        ASSERT_EQ(all.size(), 1u);
        EXPECT_EQ(all[0].payload, (std::vector<std::uint8_t>{1, 2, 3}));
        EXPECT_EQ(all[0].source, their_address());
        EXPECT_EQ(all[0].destination, to);
        EXPECT_EQ(all[0].ttl, vrrp::kTtl);
        EXPECT_GE(all[0].received_ns, before_ns - kNanosecondsPerMs);  // two clocks
        EXPECT_LE(all[0].received_ns, after_ns + kNanosecondsPerMs);
    }
}

// The kernel starts to timestamp packets some time after the first socket enables it. Until then a
// packet has the time at which it is read.
TEST_P(AdvertSocketTest, APacketThatWaitedHasTheTimeOfItsArrival) {
    const std::int64_t start_ns = monotonic_ns();
    std::int64_t late_ns = kSilence_ms * kNanosecondsPerMs;
    while (late_ns > kNanosecondsPerMs) {
        ASSERT_LT(monotonic_ns() - start_ns, kArrival_ms * kNanosecondsPerMs) << late_ns;
        they_send({1}, our_address());
        ASSERT_TRUE(is_readable(*ours_, kArrival_ms));
        const std::int64_t arrived_ns = monotonic_ns();
        std::this_thread::sleep_for(std::chrono::milliseconds(kSilence_ms));
        const std::vector<Received> all = drain(*ours_);
        ASSERT_EQ(all.size(), 1u);
        late_ns = all[0].received_ns - arrived_ns;
    }
}

TEST_P(AdvertSocketTest, DoesNotReceiveItsOwnPackets) {
    // What is sent before the kernel has noticed the link's carrier is lost.
    const std::int64_t start_ns = monotonic_ns();
    do {
        ASSERT_LT(monotonic_ns() - start_ns, kArrival_ms * kNanosecondsPerMs)
            << "the packet never arrived";
        ours_->send(std::vector<std::uint8_t>{1}, our_address(), all_routers());
    } while (!is_readable(*theirs_, kSilence_ms));
    EXPECT_FALSE(is_readable(*ours_, kSilence_ms));
    EXPECT_TRUE(drain(*ours_).empty());
}

TEST_P(AdvertSocketTest, ReportsThatItsInterfaceIsGone) {
    EXPECT_TRUE(ours_->interface_exists());
    run_ip("link delete up0");
    EXPECT_FALSE(ours_->interface_exists());
    make_link();
    EXPECT_FALSE(ours_->interface_exists()) << "another interface has its name";
    open_ours();
    EXPECT_TRUE(ours_->interface_exists());
}

TEST_P(AdvertSocketTest, TheErrorNamesAMissingInterface) {
    const auto missing = AdvertSocket::open("up9", GetParam());
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("up9"), std::string::npos) << missing.error().message;
}

INSTANTIATE_TEST_SUITE_P(Family, AdvertSocketTest, testing::Bool(),
                         [](const auto& one) { return one.param ? "IPv4" : "IPv6"; });

}  // namespace
}  // namespace vipfwd::net
