// SPDX-License-Identifier: Apache-2.0
// Is the memory there? And what a killed dataplane left of it in hugetlbfs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dataplane/abi/result.h"
#include "dataplane/host/memory_plan.h"

namespace vipfwd::host {

// Of this machine, in pages of this kind (abi::Memory).
Result<void> check_memory(abi::Memory kind, const MemoryPlan& memory);

// The parts of it, by where they look.

// Bytes on free hugepages that are not promised to anybody, in /sys/kernel/mm/hugepages.
std::uint64_t free_hugepage_bytes(const std::filesystem::path& sysfs);
Result<void> check_hugepages(const MemoryPlan& memory, std::uint64_t free_bytes);
// Where hugetlbfs is mounted, by /proc/self/mounts.
std::vector<std::string> find_hugetlbfs(const std::filesystem::path& mounts);

// Removes files of this file prefix from hugetlbfs: those that no process has locked, or all.
enum class HugepageFiles { kUnused, kAll };
void remove_hugepage_files(const std::string& file_prefix, HugepageFiles which);

}  // namespace vipfwd::host
