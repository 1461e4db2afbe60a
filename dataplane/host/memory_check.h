// SPDX-License-Identifier: Apache-2.0
// Checks before EAL starts that there is enough memory, and removes files that a killed dataplane
// left in hugetlbfs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/memory_plan.h"

namespace vipfwd::host {

// An error that says what to do if this machine has not enough free memory in pages of this kind.
Result<void> check_memory(abi::Memory kind, const MemoryPlan& memory);

// The parts of check_memory(), with the files that they read as parameters.

// Bytes on free hugepages that are not reserved, by /sys/kernel/mm/hugepages.
std::uint64_t free_hugepage_bytes(const std::filesystem::path& sysfs);
Result<void> check_hugepages(const MemoryPlan& memory, std::uint64_t free_bytes);
// The mount points of hugetlbfs, by /proc/self/mounts.
std::vector<std::string> find_hugetlbfs(const std::filesystem::path& mounts);

// Removes the files with this prefix from hugetlbfs: those that no process has locked, or all.
enum class HugepageFiles { kUnused, kAll };
void remove_hugepage_files(const std::string& file_prefix, HugepageFiles which);

}  // namespace vipfwd::host
