// SPDX-License-Identifier: Apache-2.0
// One verdict on the gateway: whether it does what it is configured for, and if not, why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/view/source.h"

namespace vipfwd::view {

struct Health {
    enum class Verdict : std::uint8_t {
        kOk,
        kDegraded,  // it forwards, but something needs the operator
        kDown,      // it forwards nothing
        kLast = kDown
    };

    Verdict verdict = Verdict::kOk;
    std::vector<std::string> reasons;  // sentences; none if kOk
};

Health health(const Source& source);

}  // namespace vipfwd::view
