// SPDX-License-Identifier: Apache-2.0
// Fragments that arrived ahead of the first fragment of their datagram, which alone has the ports
// that decide where they go.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/packet/fragment_table.h"

struct rte_mbuf;

namespace vipfwd::path {

inline constexpr std::uint32_t kHeldFrames = 1024;  // maximum of one worker
inline constexpr std::uint32_t kDisplaced = 32;     // at one time

struct HeldFrame {
    rte_mbuf* buffer = nullptr;
    std::uint32_t entry = 0;   // of its datagram in the FragmentTable,
    std::uint32_t serial = 0;  // and the serial number of that entry
    std::uint8_t port = 0;     // that received it
};

class HeldFrames {
  public:
    HeldFrames();

    // False if kHeldFrames are held already.
    bool hold(const HeldFrame& frame);
    std::uint32_t count() const {
        return static_cast<std::uint32_t>(waiting_.size() + due_.size());
    }

    // Gives up fragments in favor of one of the datagram `entry`: of those that are the only ones
    // of their datagrams (FragmentTable::is_alone()), up to kDisplaced that have waited longest; if
    // there are none, all of another datagram, whose first one has waited longest. They are due
    // then: their entries are evicted.
    void displace(packet::FragmentTable& fragments, std::uint32_t entry, std::uint64_t now_ms);

    // Finds the frames that need not wait any longer, because the ports of their datagram are known
    // or its entry is gone.
    void find_due(const packet::FragmentTable& fragments, std::uint64_t now_ms);
    // Removes due frames, in the order of their arrival. Returns their number.
    std::uint32_t take_due(std::span<HeldFrame> to);

  private:
    std::vector<HeldFrame> waiting_;
    std::vector<HeldFrame> due_;
};

}  // namespace vipfwd::path
