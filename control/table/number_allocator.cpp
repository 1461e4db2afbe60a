// SPDX-License-Identifier: Apache-2.0
#include "control/table/number_allocator.h"

namespace vipfwd::table {

std::uint32_t NumberAllocator::allocate() {
    while (next_[candidate_] || (!reuse_ && previous_[candidate_])) {
        if (++candidate_ == next_.size()) {
            candidate_ = 0;
            reuse_ = true;
        }
    }
    next_[candidate_] = true;
    return candidate_;
}

}  // namespace vipfwd::table
