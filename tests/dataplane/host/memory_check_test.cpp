// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/memory_check.h"

#include <gtest/gtest.h>

#include <fstream>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

class MemoryCheck : public testing::Test {
  protected:
    MemoryCheck() : place_(fs::path(testing::TempDir()) / ("memory" + std::to_string(getpid()))) {
        fs::create_directories(place_);
    }
    ~MemoryCheck() override { fs::remove_all(place_); }

    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((place_ / path).parent_path());
        std::ofstream(place_ / path) << text;
    }

    fs::path place_;
};

TEST_F(MemoryCheck, HugepagesOfAllSizesCount) {
    write("hugepages-2048kB/free_hugepages", "10\n");
    write("hugepages-2048kB/resv_hugepages", "0\n");
    write("hugepages-1048576kB/free_hugepages", "1\n");
    EXPECT_EQ(free_hugepage_bytes(place_), 20 * kMiB + 1024 * kMiB);
}

TEST_F(MemoryCheck, ReservedHugepagesDoNotCount) {
    write("hugepages-2048kB/free_hugepages", "10\n");
    write("hugepages-2048kB/resv_hugepages", "4\n");
    EXPECT_EQ(free_hugepage_bytes(place_), 12 * kMiB);
}

TEST_F(MemoryCheck, AMachineWithoutHugepagesHasNone) {
    EXPECT_EQ(free_hugepage_bytes(place_), 0u);
    EXPECT_EQ(free_hugepage_bytes(place_ / "nowhere"), 0u);
}

TEST(CheckHugepages, TooFewHugepagesAreAnErrorWithNumbers) {
    const MemoryPlan memory{.eal_bytes = 20 * kMiB};
    EXPECT_TRUE(check_hugepages(memory, 20 * kMiB));
    const Result<void> checked = check_hugepages(memory, 6 * kMiB);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message,
              "not enough free hugepages: need 10 of 2 MiB, 3 free; run scripts/setup or set "
              "hugepages = false");
}

TEST(CheckMemory, TooLittleMemoryIsAnError) {
    const MemoryPlan memory{.eal_bytes = 1ull << 60};
    EXPECT_FALSE(check_memory(abi::Memory::kNormal, memory));
    EXPECT_FALSE(check_memory(abi::Memory::kHugepages, memory));
    EXPECT_TRUE(check_memory(abi::Memory::kNormal, {.eal_bytes = kMiB}));
}

TEST_F(MemoryCheck, HugetlbfsIsFoundByItsType) {
    write("mounts",
          "sysfs /sys sysfs rw 0 0\n"
          "hugetlbfs /not/a/type tmpfs rw 0 0\n"
          "nodev /dev/hugepages hugetlbfs rw,pagesize=2M 0 0\n"
          "nodev /mnt/large hugetlbfs rw,pagesize=1G 0 0\n");
    EXPECT_EQ(find_hugetlbfs(place_ / "mounts"),
              (std::vector<std::string>{"/dev/hugepages", "/mnt/large"}));
    write("mounts", "sysfs /sys sysfs rw 0 0\n");
    EXPECT_TRUE(find_hugetlbfs(place_ / "mounts").empty());
}

}  // namespace
}  // namespace vipfwd::host
