// SPDX-License-Identifier: Apache-2.0
// The state of a configured backend in the next generation: what follows from its health, its
// weight, what an operator has chosen, and what its agent says. Pure.
#pragma once

#include <cstdint>

#include "control/config/model.h"
#include "control/health/admin.h"
#include "control/health/standing.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::table {

struct BackendCondition {
    abi::BackendState state = abi::BackendState::kServing;
    abi::BackendHealth health = abi::BackendHealth::kUnchecked;

    friend bool operator==(const BackendCondition&, const BackendCondition&) = default;
};

struct BackendInputs {
    const config::Pool& pool;
    bool pool_has_udp = false;  // a service of the pool is UDP
    std::uint32_t weight = 0;   // that counts, see weight_of()
    health::AdminChoice choice = {};
    // What the checks say. A verdict of kUnknown: nothing yet. Then the health is that of
    // `previous`, and a backend that is new gets no flows until its first result.
    health::Standing standing = {};
    // The backend's entry in the previous generation; null: it has none, or a retired one.
    const abi::BackendEntry* previous = nullptr;
    std::uint32_t now_s = 0;  // CLOCK_BOOTTIME
};

// The weight that counts: the operator's choice, else what the agent says of the configured one. An
// agent that leaves some of it leaves at least 1. As long as the agent has not answered, the weight
// of `previous` goes on if it is smaller. `inputs.weight` is not read.
std::uint32_t weight_of(const BackendInputs& inputs, std::uint32_t configured);

// The operator's choice, else what the agent says, or said in the previous generation.
abi::BackendAdmin admin_of(const BackendInputs& inputs);

// A failed check counts more than what the operator has chosen, and that more than what the agent
// says.
BackendCondition condition_of(const BackendInputs& inputs);

// The choice that an entry in force stands for.
health::AdminChoice choice_in_force(const abi::BackendEntry& entry);

// Of all backends in the tables.
health::AdminChoices choices_in_force(const Tables& tables);

}  // namespace vipfwd::table
