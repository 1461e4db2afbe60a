// SPDX-License-Identifier: Apache-2.0
// A region in this process's address space.
#pragma once

#include "dataplane/abi/handover.h"
#include "dataplane/abi/region.h"
#include "dataplane/abi/result.h"

namespace vipfwd::abi {

enum class RegionSide { kControl, kDataplane };

class RegionMapping {
  public:
    // Makes a sealed region: on hugepages if enough are free, else on normal pages. Writes only its
    // header.
    static Result<RegionMapping> create(const char* name, bool try_hugepages);

    // Maps a region made elsewhere, after checking its seals, size and header. The dataplane can
    // read the control area and write the status; control can write the control area and read the
    // status.
    static Result<RegionMapping> map(Fd fd, RegionSide side);

    RegionMapping() = default;
    RegionMapping(RegionMapping&& other) noexcept;
    RegionMapping& operator=(RegionMapping&& other) noexcept;
    ~RegionMapping();

    explicit operator bool() const { return control_ != nullptr; }
    int fd() const { return fd_.get(); }
    std::uint64_t region_id() const { return region_id_; }
    bool is_on_hugepages() const { return is_on_hugepages_; }

    const ControlArea& control() const { return *control_; }
    ControlArea& control_for_writing() { return *control_; }  // kControl only
    const DataplaneStatus& status() const { return *status_; }
    DataplaneStatus& status_for_writing() { return *status_; }  // kDataplane only

  private:
    Fd fd_;
    std::uint64_t region_id_ = 0;  // as it was when the region was mapped
    bool is_on_hugepages_ = false;
    ControlArea* control_ = nullptr;
    DataplaneStatus* status_ = nullptr;
};

}  // namespace vipfwd::abi
