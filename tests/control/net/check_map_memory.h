// SPDX-License-Identifier: Apache-2.0
// A CheckMap in memory of the test, which plays the program's part.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "control/net/check_map.h"
#include "dataplane/abi/handover.h"

namespace vipfwd::test {

class CheckMapMemory {
  public:
    CheckMapMemory() : file_(memfd_create("paths", MFD_CLOEXEC)) {
        constexpr std::size_t kBytes = sizeof(check_path) * CHECK_MAX_PATHS;
        EXPECT_EQ(ftruncate(file_.get(), kBytes), 0);
        map_ = net::CheckMap::open(file_.get()).value();
    }

    const std::shared_ptr<net::CheckMap>& map() const { return map_; }

    check_path entry(std::uint32_t index) const {
        check_path read{};
        EXPECT_EQ(pread(file_.get(), &read, sizeof read, place(index)), sizeof read);
        return read;
    }

    // As the program does for each packet.
    void count_packet(std::uint32_t index) const {
        check_path counted = entry(index);
        ++counted.packets;
        EXPECT_EQ(pwrite(file_.get(), &counted, sizeof counted, place(index)), sizeof counted);
    }

  private:
    static off_t place(std::uint32_t index) {
        return static_cast<off_t>(index * sizeof(check_path));
    }

    abi::Fd file_;
    std::shared_ptr<net::CheckMap> map_;
};

}  // namespace vipfwd::test
