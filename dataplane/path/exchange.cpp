// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/exchange.h"

#include <algorithm>
#include <span>

namespace vipfwd::path {

Exchange::Exchange(std::uint32_t workers)
    : snapshots_{std::make_unique<Snapshot>(), std::make_unique<Snapshot>()}, workers_(workers) {}

bool Exchange::settled() const {
    const auto in_use = std::span(in_use_).first(workers_);
    return std::all_of(in_use.begin(), in_use.end(), [this](const InUse& worker) {
        return worker.snapshot.load(std::memory_order_acquire) == offered();
    });
}

void Exchange::offer() {
    current_ = (current_ + 1) % 2;
    offered_.store(snapshots_[current_].get(), std::memory_order_release);
}

}  // namespace vipfwd::path
