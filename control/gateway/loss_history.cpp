// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/loss_history.h"

#include <algorithm>

namespace vipfwd::gateway {

void LossHistory::sample(const abi::DataplaneStatus* status) {
    if (status == nullptr) {
        count_ = 0;
        return;
    }
    samples_[next_] = view::count_losses(*status);
    next_ = (next_ + 1) % samples_.size();
    count_ = std::min(count_ + 1, samples_.size());
}

const view::LossCounts* LossHistory::before() const {
    if (count_ == 0)
        return nullptr;
    return &samples_[(next_ + samples_.size() - count_) % samples_.size()];
}

}  // namespace vipfwd::gateway
