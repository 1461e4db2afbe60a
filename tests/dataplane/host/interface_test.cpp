// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/interface.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <thread>

#include "dataplane/abi/clock.h"
#include "dataplane/abi/time_units.h"
#include "tests/dataplane/bpf/private_network.h"
#include "tests/no_descriptors.h"
#include "tests/privilege.h"

namespace vipfwd::host {
namespace {

class Interface : public testing::Test {
  protected:
    void SetUp() override {
        VIPFWD_REQUIRE_ROOT();
        network_.emplace();
        ASSERT_EQ(std::system("ip link add left type veth peer name right"), 0);
    }

    // The kernel notices a carrier within a second.
    static void await_running(const char* name) {
        const std::int64_t start_ns = monotonic_ns();
        while (!read_interface(name)->running) {
            ASSERT_LT(monotonic_ns() - start_ns, 20 * kNanosecondsPerS) << name;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    std::optional<test::PrivateNetwork> network_;
};

TEST_F(Interface, KeepsVlanTagsAfterTheOffloadIsTurnedOff) {
    const Result<bool> changed = keep_vlan_tags("left");
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_TRUE(*changed);
    const Result<bool> changed_again = keep_vlan_tags("left");
    ASSERT_TRUE(changed_again) << changed_again.error().message;
    EXPECT_FALSE(*changed_again);
}

TEST_F(Interface, WithoutTheOffloadKeepsVlanTagsAnyway) {
    const Result<bool> changed = keep_vlan_tags("lo");
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_FALSE(*changed);
}

TEST_F(Interface, ItsStateIsReadWithoutDescriptorsToo) {
    ASSERT_EQ(std::system("ip link set left up; ip link set right up"), 0);
    await_running("left");
    const int index = interface_index("left");
    const test::NoDescriptors none;
    EXPECT_EQ(interface_index("left"), index) << "it is not gone";
    EXPECT_EQ(interface_name(index), "left");
    const Result<InterfaceFacts> facts = read_interface("left");
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_TRUE(facts->running);
}

TEST_F(Interface, ANewInterfaceHasAnotherNumberThanItsPredecessor) {
    const int before = interface_index("left");
    EXPECT_NE(before, 0);
    EXPECT_EQ(interface_name(before), "left");
    ASSERT_EQ(std::system("ip link del left"), 0);
    EXPECT_EQ(interface_index("left"), 0);
    EXPECT_EQ(interface_name(before), "");
    ASSERT_EQ(std::system("ip link add left type veth peer name right"), 0);
    EXPECT_NE(interface_index("left"), before);
}

TEST_F(Interface, CountsReceiveQueues) {
    ASSERT_EQ(std::system("ip link add many numrxqueues 3 type veth peer name other"), 0);
    const Result<ReceiveQueues> queues = count_queues("many");
    ASSERT_TRUE(queues) << queues.error().message;
    EXPECT_EQ(queues->count, 3u);
    EXPECT_EQ(queues->bindable, 1u) << "these are no combined queues";
}

TEST_F(Interface, AMissingInterfaceIsAnError) {
    EXPECT_EQ(keep_vlan_tags("none0").error().message,
              "no interface 'none0' in this network namespace");
}

}  // namespace
}  // namespace vipfwd::host
