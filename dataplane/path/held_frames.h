// SPDX-License-Identifier: Apache-2.0
// Fragments that wait for the first one of their datagram, which alone says where they go.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/packet/fragment_table.h"

struct rte_mbuf;

namespace vipfwd::path {

inline constexpr std::uint32_t kHeldFrames = 1024;  // of one worker, at most

struct HeldFrame {
    rte_mbuf* buffer = nullptr;
    std::uint32_t entry = 0;  // with `serial`: its datagram, see FragmentTable::standing
    std::uint32_t serial = 0;
    std::uint8_t port = 0;  // where it came in
};

class HeldFrames {
  public:
    HeldFrames();

    // False if there is no room.
    bool hold(const HeldFrame& frame);
    std::uint32_t count() const {
        return static_cast<std::uint32_t>(waiting_.size() + due_.size());
    }

    // Finds those that need not wait any longer: their datagram is known, or given up.
    void examine(const packet::FragmentTable& fragments, std::uint64_t now_ms);
    // Takes out those found, in the order of their arrival. Returns how many.
    std::uint32_t take_due(std::span<HeldFrame> to);

  private:
    std::vector<HeldFrame> waiting_;
    std::vector<HeldFrame> due_;
};

}  // namespace vipfwd::path
