// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/mapping.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <utility>

#include "dataplane/abi/validate.h"

namespace vipfwd::abi {
namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

// A sealed memfd of the region's size. The kernel reserves all hugepages at mmap(), so the memfd is
// mapped once here: if that succeeds, no later access can fail.
Result<Fd> make_memory(const char* name, unsigned flags) {
    Fd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | flags));
    if (!fd)
        return system_error("region: memfd_create");
    if (ftruncate(fd.get(), static_cast<off_t>(kRegionBytes)) != 0)
        return system_error("region: cannot size");
    if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0)
        return system_error("region: cannot seal");
    void* trial = mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (trial == MAP_FAILED)
        return system_error("region: cannot map");
    munmap(trial, kRegionBytes);
    return fd;
}

Result<void> check_memory(int fd) {
    const int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & kSeals) != kSeals)
        return Error{"region: not a sealed memfd"};
    struct stat info {};
    if (fstat(fd, &info) != 0)
        return system_error("region: cannot stat");
    if (static_cast<std::uint64_t>(info.st_size) != kRegionBytes) {
        return Error{"region: " + std::to_string(info.st_size) + " bytes, expected " +
                     std::to_string(kRegionBytes) +
                     ": control and dataplane must be of one release"};
    }
    return {};
}

void* map_part(int fd, int protection, std::uint64_t offset, std::uint64_t bytes) {
    void* place = mmap(nullptr, bytes, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
    if (place == MAP_FAILED)
        return nullptr;
    madvise(place, bytes, MADV_HUGEPAGE);  // a hint, may fail
    return place;
}

}  // namespace

Result<RegionMapping> RegionMapping::create(const char* name, bool try_hugepages) {
    Result<Fd> fd = Error{};
    if (try_hugepages)
        fd = make_memory(name, MFD_HUGETLB);
    if (!fd)
        fd = make_memory(name, 0);
    if (!fd)
        return fd.error();

    std::uint64_t region_id = 0;
    if (getrandom(&region_id, sizeof region_id, 0) != sizeof region_id)
        return system_error("region: getrandom");
    void* page = mmap(nullptr, kMapAlignment, PROT_READ | PROT_WRITE, MAP_SHARED, fd->get(), 0);
    if (page == MAP_FAILED)
        return system_error("region: cannot map");
    static_cast<ControlArea*>(page)->header = make_region_header(region_id);
    munmap(page, kMapAlignment);
    return map(std::move(*fd), RegionSide::kControl);
}

Result<RegionMapping> RegionMapping::map(Fd fd, RegionSide side) {
    if (Result<void> sound = check_memory(fd.get()); !sound)
        return sound.error();
    const int both = PROT_READ | PROT_WRITE;
    RegionMapping mapping;
    mapping.fd_ = std::move(fd);
    mapping.control_ = static_cast<ControlArea*>(
        map_part(mapping.fd(), side == RegionSide::kControl ? both : PROT_READ, 0, kStatusOffset));
    mapping.status_ = static_cast<DataplaneStatus*>(
        map_part(mapping.fd(), side == RegionSide::kDataplane ? both : PROT_READ, kStatusOffset,
                 kRegionBytes - kStatusOffset));
    if (mapping.control_ == nullptr || mapping.status_ == nullptr)
        return system_error("region: cannot map");
    const RegionHeader header = mapping.control_->header;
    if (Result<void> sound = validate(header); !sound)
        return sound.error();
    mapping.region_id_ = header.region_id;
    struct statfs filesystem {};
    mapping.is_on_hugepages_ =
        fstatfs(mapping.fd(), &filesystem) == 0 && filesystem.f_type == HUGETLBFS_MAGIC;
    return mapping;
}

RegionMapping::RegionMapping(RegionMapping&& other) noexcept
    : fd_(std::move(other.fd_)),
      region_id_(other.region_id_),
      is_on_hugepages_(other.is_on_hugepages_),
      control_(std::exchange(other.control_, nullptr)),
      status_(std::exchange(other.status_, nullptr)) {}

RegionMapping& RegionMapping::operator=(RegionMapping&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(region_id_, other.region_id_);
    std::swap(is_on_hugepages_, other.is_on_hugepages_);
    std::swap(control_, other.control_);
    std::swap(status_, other.status_);
    return *this;
}

RegionMapping::~RegionMapping() {
    if (control_ != nullptr)
        munmap(control_, kStatusOffset);
    if (status_ != nullptr)
        munmap(status_, kRegionBytes - kStatusOffset);
}

}  // namespace vipfwd::abi
