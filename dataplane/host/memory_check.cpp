// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/memory_check.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>

#include "dataplane/abi/handover.h"

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHugepagesSysfs = "/sys/kernel/mm/hugepages";
constexpr const char* kMounts = "/proc/self/mounts";

std::uint64_t read_number(const fs::path& path) {
    std::uint64_t number = 0;
    std::ifstream(path) >> number;
    return number;
}

std::uint64_t available_bytes() {
    std::ifstream meminfo("/proc/meminfo");
    std::string word;
    while (meminfo >> word) {
        std::uint64_t kib = 0;
        if (word == "MemAvailable:" && meminfo >> kib)
            return kib * 1024;
    }
    return ~0ull;
}

void for_each_entry(const fs::path& directory, const std::function<void(const fs::path&)>& visit) {
    std::error_code error;
    fs::directory_iterator entry(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error))
        visit(entry->path());
}

bool is_writable(const std::string& directory) {
    return access(directory.c_str(), W_OK | X_OK) == 0;
}

// A running EAL holds a shared lock on each of its files.
bool is_in_use(const fs::path& path) {
    const abi::Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
    return !fd || flock(fd.get(), LOCK_EX | LOCK_NB) != 0;
}

Result<void> check_normal_memory(const MemoryPlan& memory) {
    const std::uint64_t needed = memory.eal_bytes + memory.outside_eal_bytes;
    const std::uint64_t available = available_bytes();
    if (needed <= available)
        return {};
    return Error{"not enough memory: need " + std::to_string(needed / kMiB) + " MiB, " +
                 std::to_string(available / kMiB) + " available; lower flows_per_worker"};
}

}  // namespace

Result<void> check_memory(abi::Memory kind, const MemoryPlan& memory) {
    if (kind == abi::Memory::kNormal)
        return check_normal_memory(memory);
    if (Result<void> enough = check_hugepages(memory, free_hugepage_bytes(kHugepagesSysfs));
        !enough)
        return enough;
    const std::vector<std::string> places = find_hugetlbfs(kMounts);
    if (places.empty()) {
        return Error{
            "no hugetlbfs is mounted: run scripts/setup, or mount -t hugetlbfs nodev "
            "/dev/hugepages, or set hugepages = false"};
    }
    if (std::none_of(places.begin(), places.end(), is_writable)) {
        return Error{"cannot use hugepages in " + places.front() + ": " + std::strerror(errno) +
                     ": run as root or set hugepages = false"};
    }
    return {};
}

std::uint64_t free_hugepage_bytes(const fs::path& sysfs) {
    constexpr std::string_view kStart = "hugepages-";  // 2048kB
    std::uint64_t bytes = 0;
    for_each_entry(sysfs, [&](const fs::path& path) {
        const std::string name = path.filename().string();
        std::uint64_t kib = 0;
        if (name.rfind(kStart, 0) == 0)
            std::istringstream(name.substr(kStart.size())) >> kib;
        const std::uint64_t free = read_number(path / "free_hugepages");
        const std::uint64_t reserved = read_number(path / "resv_hugepages");
        bytes += (free - std::min(free, reserved)) * kib * 1024;
    });
    return bytes;
}

Result<void> check_hugepages(const MemoryPlan& memory, std::uint64_t free_bytes) {
    if (free_bytes >= memory.eal_bytes)
        return {};
    return Error{"not enough free hugepages: need " +
                 std::to_string(memory.eal_bytes / kHugepageBytes) + " of 2 MiB, " +
                 std::to_string(free_bytes / kHugepageBytes) +
                 " free; run scripts/setup or set hugepages = false"};
}

std::vector<std::string> find_hugetlbfs(const fs::path& mounts) {
    std::vector<std::string> places;
    std::ifstream file(mounts);
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string source, place, type;
        if (words >> source >> place >> type && type == "hugetlbfs")
            places.push_back(place);
    }
    return places;
}

void remove_hugepage_files(const std::string& file_prefix, HugepageFiles which) {
    const std::string start = file_prefix + "map_";
    const auto remove = [&](const fs::path& path) {
        const bool has_prefix = path.filename().string().rfind(start, 0) == 0;
        std::error_code error;
        if (has_prefix && (which == HugepageFiles::kAll || !is_in_use(path)))
            fs::remove(path, error);
    };
    for (const std::string& place : find_hugetlbfs(kMounts))
        for_each_entry(place, remove);
}

}  // namespace vipfwd::host
