// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/poll_history.h"

namespace vipfwd::gateway {

void PollHistory::sample(const abi::DataplaneStatus* status) {
    if (status == nullptr) {
        count_ = 0;
        return;
    }
    samples_[0] = samples_[1];
    for (std::size_t i = 0; i < samples_[1].size(); ++i)
        samples_[1][i] = view::poll_counts(status->workers[i].counters);
    if (count_ < samples_.size())
        ++count_;
}

std::span<const view::PollCounts> PollHistory::before() const {
    if (count_ < samples_.size())
        return {};
    return samples_[0];
}

}  // namespace vipfwd::gateway
