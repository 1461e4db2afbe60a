// SPDX-License-Identifier: Apache-2.0
// What the packets of flows that are not in the flow table prove. In a flood, forged flows compete
// with those of clients for the budget of their service. A worker notes for some seconds which
// flows it has not pinned, so that a later packet of a client proves more than a forged one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace vipfwd::packet {

// In ascending order. Packets are cheap for whoever floods, but it does not see what a backend
// answers to a forged address, and time is not cheap.
enum class Evidence : std::uint8_t {
    kSyn,        // nothing
    kOther,      // no more, but a flood of SYNs is the usual one
    kHandshake,  // follows a SYN of its flow
    kLasting,    // follows another packet of its flow by kLasting_ms or more
    kLast = kLasting,
};

inline constexpr std::uint32_t kLasting_ms = 1000;
// How long a packet is remembered.
inline constexpr std::uint32_t kNoted_ms = 4000;

class UnpinnedFlows {
  public:
    struct Note {
        std::uint32_t flow = 0;   // some bits of its hash
        std::uint32_t at_ms = 0;  // wraps around after 49 days
    };
    // Of two notes, one stays until its time is over, for kLasting. The other one is always of the
    // last flow, for kHandshake: only a flood that is much faster than an answer overwrites it
    // before the client's next packet.
    using Notes = std::array<Note, 2>;
    // A flow has one place. SYNs are noted apart from other packets, so that a flood of either kind
    // overwrites none of the other.
    struct alignas(32) Place {
        Notes syns;
        Notes others;
    };

    UnpinnedFlows() = default;
    // Over zeroed memory. The number of places is a power of two.
    explicit UnpinnedFlows(std::span<Place> places) : places_(places) {}

    // Notes a packet of a flow that is not in the flow table, by its flow_hash. Returns what it
    // proves, with the packets noted before.
    Evidence note(std::uint64_t hash, bool is_syn, std::uint64_t now_ms);

    // The place of a packet's flow, for a packet that may be noted soon.
    void prefetch(std::uint64_t hash) const { __builtin_prefetch(&place_of(hash)); }
    // True if a packet was noted since the last call.
    bool take_noted() { return std::exchange(has_noted_, false); }

  private:
    Place& place_of(std::uint64_t hash) const { return places_[hash & (places_.size() - 1)]; }

    std::span<Place> places_;
    bool has_noted_ = false;
};

}  // namespace vipfwd::packet
