// SPDX-License-Identifier: Apache-2.0
// Identifications of outer IPv4 headers without "don't fragment". A packet that may be fragmented
// on its way needs one that no other packet from the same source to the same destination has for as
// long as fragments may be under way (RFC 6864 §4.2). Those of the clients' packets do not do:
// different clients use equal ones.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "dataplane/abi/address.h"

namespace vipfwd::packet {

class OuterIds {
  public:
    OuterIds() = default;
    // For one of several workers, which send from the same addresses.
    OuterIds(std::uint32_t worker, std::uint32_t workers)
        : worker_(worker), step_(std::bit_ceil(workers)) {}

    // Repeats after 65,536 / workers packets to a destination, or to several that share a count.
    Be16 next(Be32 destination) {
        constexpr std::uint32_t kOdd = 0x9e3779b1;
        std::uint32_t& count = counts_[destination.raw * kOdd >> (32 - kCountBits)];
        return Be16::from_host(static_cast<std::uint16_t>(count++ * step_ + worker_));
    }

  private:
    static constexpr int kCountBits = 10;

    std::uint32_t worker_ = 0;
    std::uint32_t step_ = 1;
    std::array<std::uint32_t, 1u << kCountBits> counts_{};
};

}  // namespace vipfwd::packet
