// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/flow_counter.h"

#include <utility>

#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {
namespace {

constexpr std::int64_t kPoll_ms = 10;

}  // namespace

FlowCounter::FlowCounter(Loop& loop, Publishing& publishing, std::function<bool()> runs)
    : publishing_(publishing), runs_(std::move(runs)), poll_(loop, [this] { poll(); }) {}

void FlowCounter::count(const std::vector<std::uint32_t>& keys, Answer answer) {
    counting_.emplace(keys);
    is_requested_ = false;
    deadline_ns_ = monotonic_ns() + kLongest_ms * kNanosecondsPerMs;
    answer_ = std::move(answer);
    poll_.fire_after(0);
}

void FlowCounter::poll() {
    if (!runs_() || publishing_.publisher() == nullptr)
        return finish();
    if (is_requested_ && counting_->take(publishing_.publisher()->census()))
        is_requested_ = false;
    if (counting_->next_round().empty())
        return finish();
    if (monotonic_ns() > deadline_ns_) {
        if (is_requested_)
            counting_->take_unfinished(publishing_.publisher()->census());
        return finish();
    }
    if (!is_requested_)
        publishing_.request_count(counting_->next_round());
    is_requested_ = true;
    poll_.fire_after(kPoll_ms);
}

void FlowCounter::finish() {
    publishing_.end_count();
    const table::FlowCounts counts = counting_->counts();
    counting_.reset();
    std::exchange(answer_, nullptr)(counts);
}

}  // namespace vipfwd::gateway
