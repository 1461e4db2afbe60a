// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/unpinned_flows.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kTimeMask = 0x7fffffff;

using Note = UnpinnedFlows::Note;

bool is_syn(const Note& note) {
    return (note.stamp & 1) != 0;
}

std::uint32_t age_ms(const Note& note, std::uint32_t now_ms) {
    return (now_ms - (note.stamp >> 1)) & kTimeMask;
}

}  // namespace

Evidence UnpinnedFlows::note(std::uint64_t hash, bool is_syn, std::uint64_t now_ms) {
    const Evidence least = is_syn ? Evidence::kSyn : Evidence::kOther;
    if (places_.empty())
        return least;
    const auto flow = static_cast<std::uint32_t>(hash >> 32);
    const auto now = static_cast<std::uint32_t>(now_ms) & kTimeMask;
    Place& place = place_of(hash);
    has_noted_ = true;
    for (const Note& known : place.notes) {
        if (known.flow != flow || age_ms(known, now) > kNoted_ms)
            continue;
        if (age_ms(known, now) >= kLasting_ms)
            return Evidence::kLasting;
        return packet::is_syn(known) && !is_syn ? Evidence::kHandshake : least;
    }
    const bool is_over = age_ms(place.notes[0], now) > kNoted_ms;
    place.notes[is_over ? 0 : 1] = {flow, now << 1 | (is_syn ? 1u : 0u)};
    return least;
}

}  // namespace vipfwd::packet
