// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/unpinned_flows.h"

namespace vipfwd::packet {
namespace {

using Note = UnpinnedFlows::Note;
using Notes = UnpinnedFlows::Notes;

std::uint32_t age_ms(const Note& note, std::uint32_t now_ms) {
    return now_ms - note.at_ms;
}

// The note of a flow, or null.
const Note* find(const Notes& notes, std::uint32_t flow, std::uint32_t now_ms) {
    for (const Note& note : notes) {
        if (note.flow == flow && age_ms(note, now_ms) <= kNoted_ms)
            return &note;
    }
    return nullptr;
}

}  // namespace

Evidence UnpinnedFlows::note(std::uint64_t hash, bool is_syn, std::uint64_t now_ms) {
    const Evidence least = is_syn ? Evidence::kSyn : Evidence::kOther;
    if (places_.empty())
        return least;
    has_noted_ = true;
    const auto flow = static_cast<std::uint32_t>(hash >> 32);
    const auto now = static_cast<std::uint32_t>(now_ms);
    Place& place = place_of(hash);
    const Note* const syn = find(place.syns, flow, now);
    const Note* const known = syn != nullptr ? syn : find(place.others, flow, now);
    if (known == nullptr) {
        Notes& notes = is_syn ? place.syns : place.others;
        const bool is_over = age_ms(notes[0], now) > kNoted_ms;
        notes[is_over ? 0 : 1] = {flow, now};
        return least;
    }
    if (age_ms(*known, now) >= kLasting_ms)
        return Evidence::kLasting;
    return known == syn && !is_syn ? Evidence::kHandshake : least;
}

}  // namespace vipfwd::packet
