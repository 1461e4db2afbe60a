// SPDX-License-Identifier: Apache-2.0
#include "control/net/check_map.h"

#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

namespace vipfwd::net {
namespace {

constexpr std::size_t kMapBytes = sizeof(check_path) * CHECK_MAX_PATHS;

}  // namespace

Result<std::shared_ptr<CheckMap>> CheckMap::open(int map) {
    void* const memory = mmap(nullptr, kMapBytes, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
    if (memory == MAP_FAILED)
        return Error{std::string("cannot map the paths of health checks: ") + std::strerror(errno)};
    return std::shared_ptr<CheckMap>(new CheckMap(static_cast<check_path*>(memory)));
}

CheckMap::~CheckMap() {
    munmap(paths_, kMapBytes);
}

// The program must not see an entry in use that is not complete.
void CheckMap::set(std::uint32_t index, const check_path& path) {
    check_path& entry = paths_[index];
    check_path unused = path;
    unused.packets = 0;
    unused.form = CHECK_NONE;
    entry = unused;
    std::atomic_ref(entry.form).store(path.form, std::memory_order_release);
}

void CheckMap::clear(std::uint32_t index) {
    std::atomic_ref(paths_[index].form).store(CHECK_NONE, std::memory_order_release);
}

std::uint64_t CheckMap::packets(std::uint32_t index) const {
    return std::atomic_ref(paths_[index].packets).load(std::memory_order_acquire);
}

}  // namespace vipfwd::net
