// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/generation_intake.h"

#include <utility>

#include "dataplane/path/snapshot.h"

namespace vipfwd::path {
namespace {

constexpr int kTakeAttempts = 3;  // while control is writing; the caller tries again later

}  // namespace

void GenerationIntake::use_region(std::shared_ptr<abi::RegionMapping> region) {
    region_ = std::move(region);
    rings_ = abi::RingCheck();
    taken_word_ = 0;
    rejected_ = false;
}

GenerationIntake::Taken GenerationIntake::take(std::span<const host::PortFacts> ports) {
    if (!settled_)
        return {};
    const abi::SharedWord& active = region_->control().active;
    for (int attempt = 0; attempt < kTakeAttempts; ++attempt) {
        const std::uint64_t word = active.load();
        const auto announced = abi::ActiveGeneration::unpack(word);
        if (word == taken_word_ || announced.none())
            return {};
        const Result<void> taken =
            take_snapshot(region_, announced, ports, rings_, exchange_.next());
        if (active.load() != word)
            continue;
        taken_word_ = word;
        rejected_ = !taken;
        if (!taken)
            return {Taken::Outcome::kRejected, announced.generation, taken.error().message};
        exchange_.offer();
        settled_ = false;
        return {Taken::Outcome::kOffered, announced.generation};
    }
    return {};
}

bool GenerationIntake::finish_change() {
    if (settled_ || !exchange_.settled())
        return false;
    settled_ = true;
    exchange_.release();
    return true;
}

}  // namespace vipfwd::path
