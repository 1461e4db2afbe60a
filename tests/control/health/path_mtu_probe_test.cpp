// SPDX-License-Identifier: Apache-2.0
// Against the kernel, in a namespace of the test's own. Paths that are too narrow are tried in the
// lab.
#include "control/health/path_mtu_probe.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "dataplane/abi/address_text.h"
#include "tests/control/health/probe_fixture.h"
#include "tests/control/loop/deadline.h"
#include "tests/control/net/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::health {
namespace {

class PathMtuProbeTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        ASSERT_EQ(std::system("ip link set lo up"), 0);
        loop_.emplace();
        deadline_.emplace(*loop_);
        sockets_.emplace(*loop_);
    }

    ProbeResult probe(const Way& way) {
        std::optional<ProbeResult> result;
        const PathMtuProbe probe(*loop_, *sockets_, way, [&](ProbeResult found) {
            EXPECT_FALSE(result) << "told twice";
            result = std::move(found);
        });
        EXPECT_FALSE(result) << "told by the constructor";
        EXPECT_TRUE(test::run_until(*loop_, [&] { return result.has_value(); }));
        return result.value_or(ProbeResult());
    }

    std::optional<net::PrivateNetwork> network_;
    std::optional<Loop> loop_;
    std::optional<test::Deadline> deadline_;
    std::optional<EchoSockets> sockets_;
    const IpAddress host_ = parse_ip("127.0.0.1").value();
};

TEST_F(PathMtuProbeTest, TheLargestPacketArrives) {
    const ProbeResult result = probe({.to = host_, .max_packet_bytes = 1580});
    EXPECT_EQ(text_of(result), "good");
    EXPECT_EQ(result.path_mtu, (PathMtu{.wanted = 1580, .found = 1580}));
}

TEST_F(PathMtuProbeTest, AHostThatAnswersNothingSaysNothingOfItsPath) {
    std::ofstream("/proc/sys/net/ipv4/icmp_echo_ignore_all") << "1\n";
    const ProbeResult result = probe({.to = host_, .max_packet_bytes = 1580});
    EXPECT_EQ(text_of(result), "failed: no answer to ICMP echo requests");
    EXPECT_FALSE(result.path_mtu);
}

TEST_F(PathMtuProbeTest, AnErrorOfThisMachineIsNoResult) {
    const ProbeResult result =
        probe({.to = parse_ip("192.0.2.1").value(), .max_packet_bytes = 1580});
    EXPECT_EQ(text_of(result), "none: not checked: Network is unreachable");
}

}  // namespace
}  // namespace vipfwd::health
