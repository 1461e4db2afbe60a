// SPDX-License-Identifier: Apache-2.0
#include "control/health/check_notes.h"

#include "control/health/rise_fall.h"
#include "dataplane/abi/enum.h"

namespace vipfwd::health {
namespace {

bool is_sound(const abi::CheckProgress& progress) {
    return progress.verdict != static_cast<std::uint8_t>(Verdict::kUnknown) &&
           abi::is_known<Verdict>(progress.verdict);
}

}  // namespace

// All of the area takes memory from here on: a memfd gets its pages when they are read, too.
CheckNotes::CheckNotes(std::span<abi::CheckNote> area) : area_(area) {
    for (std::size_t i = 0; i < area_.size(); ++i) {
        const std::uint64_t digest = area_[i].digest.load();
        const auto progress = abi::CheckProgress::unpack(area_[i].progress.load());
        if (digest == 0 && progress == abi::CheckProgress{})
            continue;
        for (; next_ < i; ++next_)
            freed_.push_back(next_);
        next_ = i + 1;
        if (digest == 0 || !is_sound(progress) ||
            !places_.emplace(digest, Place{i, progress}).second)
            clear(i);
    }
}

std::optional<abi::CheckProgress> CheckNotes::find(std::uint64_t digest) const {
    const auto at = places_.find(digest);
    return at != places_.end() ? std::optional(at->second.progress) : std::nullopt;
}

// The digest is stored each time: something else may have changed it.
void CheckNotes::put(std::uint64_t digest, const abi::CheckProgress& progress) {
    auto at = places_.find(digest);
    if (at == places_.end()) {
        std::size_t index = next_;
        if (!freed_.empty()) {
            index = freed_.back();
            freed_.pop_back();
        } else if (next_ < area_.size()) {
            ++next_;
        } else {
            return;
        }
        at = places_.emplace(digest, Place{index, {}}).first;
    }
    Place& place = at->second;
    place.progress = progress;
    area_[place.index].digest.store(digest);
    area_[place.index].progress.store(progress.pack());
}

void CheckNotes::retain(const std::unordered_set<std::uint64_t>& digests) {
    std::erase_if(places_, [&](const auto& entry) {
        if (digests.contains(entry.first))
            return false;
        clear(entry.second.index);
        return true;
    });
}

// The progress goes first: a digest without progress is no note.
void CheckNotes::clear(std::size_t index) {
    area_[index].progress.store(0);
    area_[index].digest.store(0);
    freed_.push_back(index);
}

}  // namespace vipfwd::health
