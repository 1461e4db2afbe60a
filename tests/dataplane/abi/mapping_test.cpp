// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/mapping.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace vipfwd::abi {
namespace {

Fd duplicate(int fd) {
    return Fd(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

TEST(RegionMapping, EachSideReadsWhatTheOtherWrites) {
    Result<RegionMapping> control = RegionMapping::create("test", false);
    ASSERT_TRUE(control) << control.error().message;
    Result<RegionMapping> dataplane =
        RegionMapping::map(duplicate(control->fd()), RegionSide::kDataplane);
    ASSERT_TRUE(dataplane) << dataplane.error().message;
    EXPECT_EQ(control->region_id(), dataplane->region_id());
    control->control_for_writing().active.store(77);
    EXPECT_EQ(dataplane->control().active.load(), 77u);
    dataplane->status_for_writing().workers[3].heartbeat_ns.store(5);
    EXPECT_EQ(control->status().workers[3].heartbeat_ns.load(), 5u);
}

TEST(RegionMapping, TwoRegionsHaveTwoIds) {
    EXPECT_NE(RegionMapping::create("a", false)->region_id(),
              RegionMapping::create("b", false)->region_id());
}

TEST(RegionMappingDeathTest, NeitherSideCanWriteTheOthersPart) {
    Result<RegionMapping> control = RegionMapping::create("test", false);
    Result<RegionMapping> dataplane =
        RegionMapping::map(duplicate(control->fd()), RegionSide::kDataplane);
    EXPECT_DEATH(dataplane->control_for_writing().active.store(1), "");
    EXPECT_DEATH(control->status_for_writing().pid.store(1), "");
}

TEST(RegionMapping, ARegionCannotBeShrunk) {
    Result<RegionMapping> region = RegionMapping::create("test", false);
    EXPECT_NE(ftruncate(region->fd(), 4096), 0);
}

TEST(RegionMapping, MemoryThatCouldShrinkIsRefused) {
    Fd fd(memfd_create("unsealed", MFD_ALLOW_SEALING));
    ASSERT_EQ(ftruncate(fd.get(), kRegionBytes), 0);
    EXPECT_FALSE(RegionMapping::map(std::move(fd), RegionSide::kDataplane));
}

TEST(RegionMapping, TruncatedMemoryIsRefused) {
    Fd fd(memfd_create("short", MFD_ALLOW_SEALING));
    ASSERT_EQ(ftruncate(fd.get(), kRegionBytes / 2), 0);
    ASSERT_EQ(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
    EXPECT_FALSE(RegionMapping::map(std::move(fd), RegionSide::kDataplane));
}

TEST(RegionMapping, MemoryThatIsNotARegionIsRefused) {
    Fd fd(memfd_create("zeros", MFD_ALLOW_SEALING));
    ASSERT_EQ(ftruncate(fd.get(), kRegionBytes), 0);
    ASSERT_EQ(fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), 0);
    EXPECT_FALSE(RegionMapping::map(std::move(fd), RegionSide::kDataplane));
}

TEST(RegionMapping, AFileOnDiskIsRefused) {
    EXPECT_FALSE(RegionMapping::map(Fd(open("/dev/null", O_RDWR)), RegionSide::kDataplane));
    EXPECT_FALSE(RegionMapping::map(Fd(), RegionSide::kControl));
}

}  // namespace
}  // namespace vipfwd::abi
