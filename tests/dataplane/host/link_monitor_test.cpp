// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/link_monitor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "dataplane/host/interface.h"
#include "tests/dataplane/bpf/private_network.h"
#include "tests/privilege.h"

namespace vipfwd::host {
namespace {

class LinkMonitorTest : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        ASSERT_EQ(std::system("ip link add left type veth peer name right"), 0);
        Result<LinkMonitor> monitor = LinkMonitor::open();
        ASSERT_TRUE(monitor) << monitor.error().message;
        monitor_.emplace(std::move(*monitor));
    }

    std::optional<test::PrivateNetwork> network_;
    std::optional<LinkMonitor> monitor_;
};

TEST_F(LinkMonitorTest, TellsOnceOfAnInterfaceThatIsDeleted) {
    const int left = interface_index("left");
    const int right = interface_index("right");
    EXPECT_TRUE(monitor_->take_removed().empty());
    ASSERT_EQ(std::system("ip link del left"), 0);
    std::vector<int> removed = monitor_->take_removed();
    std::ranges::sort(removed);
    EXPECT_EQ(removed, (std::vector{std::min(left, right), std::max(left, right)}));
    EXPECT_TRUE(monitor_->take_removed().empty());
}

TEST_F(LinkMonitorTest, IgnoresOtherChanges) {
    ASSERT_EQ(std::system("ip link add bridge type bridge; ip link set left master bridge; "
                          "ip link set left nomaster; ip link set left down; "
                          "ip link set left name renamed"),
              0);
    EXPECT_TRUE(monitor_->take_removed().empty());
    EXPECT_EQ(interface_index("left"), 0);
    EXPECT_NE(interface_index("renamed"), 0);
}

TEST_F(LinkMonitorTest, TellsOfAnInterfaceThatWasMovedAwayAndBack) {
    const int left = interface_index("left");
    // The other namespace is that of a process, so that it needs no name.
    ASSERT_EQ(std::system("unshare -n sleep 60 & other=$!; "
                          "here=$(readlink /proc/$$/ns/net); "
                          "while [ $(readlink /proc/$other/ns/net) = $here ]; do sleep 0.01; done; "
                          "ip link set left netns $other && "
                          "nsenter -t $other -n ip link set left netns $$; "
                          "outcome=$?; kill $other; exit $outcome"),
              0);
    const std::vector<int> removed = monitor_->take_removed();
    EXPECT_EQ(removed, std::vector{left});
    EXPECT_EQ(interface_index("left"), left) << "so that its number does not tell";
}

}  // namespace
}  // namespace vipfwd::host
