// SPDX-License-Identifier: Apache-2.0
// The backends whose flows a census counts, for a quick look-up by class and index.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/abi/flow_census.h"

namespace vipfwd::packet {

class CensusWatch {
  public:
    // Control may write anything to `watched`: keys that do not fit are left out.
    void set(const abi::WatchedBackends& watched) {
        slots_.fill({});
        count_ = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(watched.count.load(), abi::kMaxWatchedBackends));
        for (std::uint32_t i = 0; i < count_; ++i) {
            const auto key = static_cast<std::uint32_t>(watched.keys[i].load());
            Slot* slot = &slots_[slot_of(key)];
            while (slot->is_used)
                slot = slot == &slots_.back() ? &slots_.front() : slot + 1;
            *slot = {key, static_cast<std::uint16_t>(i), true};
        }
    }

    // Its place in the list; of equal keys, that of the first one.
    std::optional<std::uint32_t> find(std::uint32_t key) const {
        if (count_ == 0)
            return std::nullopt;
        for (const Slot* slot = &slots_[slot_of(key)]; slot->is_used;
             slot = slot == &slots_.back() ? &slots_.front() : slot + 1) {
            if (slot->key == key)
                return slot->place;
        }
        return std::nullopt;
    }

  private:
    struct Slot {
        std::uint32_t key = 0;
        std::uint16_t place = 0;
        bool is_used = false;
    };

    // A quarter of the slots is used at most, so that a search ends soon.
    static constexpr std::uint32_t kSlotBits = 8;
    static_assert(abi::kMaxWatchedBackends * 4 <= 1u << kSlotBits);

    static std::uint32_t slot_of(std::uint32_t key) {
        return key * 0x9e3779b1u >> (32 - kSlotBits);
    }

    std::array<Slot, 1u << kSlotBits> slots_{};
    std::uint32_t count_ = 0;
};

}  // namespace vipfwd::packet
