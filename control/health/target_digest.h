// SPDX-License-Identifier: Apache-2.0
// A check's identity in 64 bits, the same in each run of control: it names the check's note in the
// region (dataplane/abi/check_note.h).
#pragma once

#include <cstdint>

#include "control/health/target.h"

namespace vipfwd::health {

// Of what makes targets equal, but for the password and a script's user. Never 0. Different targets
// nearly always differ in it; what two that do not would mix up are counts of results.
std::uint64_t target_digest(const Target& target);

}  // namespace vipfwd::health
