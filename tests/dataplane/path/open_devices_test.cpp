// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/open_devices.h"

#include <gtest/gtest.h>

#include <array>

namespace vipfwd::path {
namespace {

TEST(OpenDevices, APortIsClosedUntilItsDeviceIsSet) {
    OpenDevices devices(1);
    EXPECT_EQ(devices.adopt(0)[3].device, kNoDevice);
    devices.set(3, {7, false}, {});
    const OpenDevices::Ports ports = devices.adopt(0);
    EXPECT_EQ(ports[3].device, 7);
    EXPECT_FALSE(ports[3].takes_chains);
    EXPECT_EQ(ports[2].device, kNoDevice);
}

TEST(OpenDevices, AreSettledOnceAllWorkersHaveAdoptedTheLastChange) {
    OpenDevices devices(2);
    EXPECT_FALSE(devices.settled());
    for (std::uint32_t worker = 0; worker < 2; ++worker)
        (void)devices.adopt(worker);
    EXPECT_TRUE(devices.settled());

    devices.set(0, {}, {});
    EXPECT_FALSE(devices.settled());
    (void)devices.adopt(0);
    EXPECT_FALSE(devices.settled());
    (void)devices.adopt(1);
    EXPECT_TRUE(devices.settled());
}

TEST(OpenDevices, EachWorkerHasNewsUntilItAdopts) {
    OpenDevices devices(2);
    EXPECT_TRUE(devices.has_news(0)) << "of what was set before the worker started";
    (void)devices.adopt(0);
    EXPECT_FALSE(devices.has_news(0));
    EXPECT_TRUE(devices.has_news(1));
    devices.set(0, {1, true}, {});
    EXPECT_TRUE(devices.has_news(0));
}

TEST(OpenDevices, APortHasTheWakeupsOfItsLastDevice) {
    using Kind = host::KernelWait::Kind;
    OpenDevices devices(1);
    EXPECT_EQ(devices.wakeup(1, 0).fd, -1);
    devices.set(1, {7, true}, std::array{QueueWakeup{20}, QueueWakeup{21, Kind::kEventfd, true}});
    EXPECT_EQ(devices.wakeup(1, 0).fd, 20);
    EXPECT_EQ(devices.wakeup(1, 0).kind, Kind::kPackets);
    EXPECT_FALSE(devices.wakeup(1, 0).needs_arming);
    EXPECT_EQ(devices.wakeup(1, 1).fd, 21);
    EXPECT_EQ(devices.wakeup(1, 1).kind, Kind::kEventfd);
    EXPECT_TRUE(devices.wakeup(1, 1).needs_arming);
    EXPECT_EQ(devices.wakeup(1, 2).fd, -1);
    devices.set(1, {8, true}, std::array{QueueWakeup{30}});
    EXPECT_EQ(devices.wakeup(1, 0).fd, 30);
    EXPECT_EQ(devices.wakeup(1, 1).fd, -1);
}

}  // namespace
}  // namespace vipfwd::path
