// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_state.h"

#include <algorithm>
#include <cstdint>

namespace vipfwd::table {
namespace {

using abi::BackendHealth;
using abi::BackendState;
using health::Verdict;

bool moves_flows(config::OnDown on_down, bool has_udp, bool is_host_unreachable) {
    switch (on_down) {
        case config::OnDown::kMove:
            return true;
        case config::OnDown::kKeep:
            return false;
        case config::OnDown::kAuto:
            break;
    }
    return has_udp || is_host_unreachable;
}

// Of a backend whose check has no result yet. One that a pool served with although it was down
// keeps its flows.
BackendCondition go_on(const abi::BackendEntry* previous, BackendState when_up) {
    if (previous == nullptr)
        return {.state = BackendState::kDraining, .health = BackendHealth::kUnknown};
    const auto state = static_cast<BackendState>(previous->state);
    const bool is_serving = state == BackendState::kServing;
    switch (static_cast<BackendHealth>(previous->health)) {
        case BackendHealth::kUp:
            return {.state = when_up, .health = BackendHealth::kUp};
        case BackendHealth::kDown:
            return {.state = is_serving ? BackendState::kDraining : state,
                    .health = BackendHealth::kDown};
        case BackendHealth::kUnknown:
            if (!is_serving && when_up == BackendState::kServing)
                return {.state = BackendState::kDraining, .health = BackendHealth::kUnknown};
            break;
        case BackendHealth::kUnchecked:
            break;
    }
    return {.state = when_up, .health = BackendHealth::kUnknown};
}

// Of a backend that is not down.
BackendState state_by_choice(const BackendInputs& inputs) {
    switch (admin_of(inputs)) {
        case abi::BackendAdmin::kReady:
            return inputs.weight > 0 ? BackendState::kServing : BackendState::kDraining;
        case abi::BackendAdmin::kDrain:
        case abi::BackendAdmin::kAgentDrain:
            return BackendState::kDraining;
        case abi::BackendAdmin::kAgentMaint:
            return BackendState::kDown;
        case abi::BackendAdmin::kMaint:
            break;
    }
    return inputs.now_s >= inputs.choice.flows_move_at_s ? BackendState::kDown
                                                         : BackendState::kDraining;
}

bool has_agent(const BackendInputs& inputs) {
    return inputs.pool.check.agent_port != 0;
}

std::uint32_t part_of(std::uint32_t weight, std::uint32_t percent) {
    if (weight == 0 || percent == 0)
        return 0;
    return std::max(weight * percent / 100, 1u);
}

abi::BackendAdmin admin_by(const health::AgentAnswer& answer) {
    switch (answer.state) {
        case health::AgentState::kDrain:
            return abi::BackendAdmin::kAgentDrain;
        case health::AgentState::kMaint:
            return abi::BackendAdmin::kAgentMaint;
        case health::AgentState::kReady:
        case health::AgentState::kDown:  // the standing has it
            break;
    }
    return abi::BackendAdmin::kReady;
}

}  // namespace

std::uint32_t weight_of(const BackendInputs& inputs, std::uint32_t configured) {
    if (inputs.choice.weight)
        return *inputs.choice.weight;
    if (!has_agent(inputs))
        return configured;
    if (inputs.standing.agent != nullptr)
        return part_of(configured, inputs.standing.agent->percent);
    const bool goes_on = inputs.previous != nullptr && inputs.previous->weight_is_chosen == 0;
    return goes_on ? std::min<std::uint32_t>(inputs.previous->weight, configured) : configured;
}

abi::BackendAdmin admin_of(const BackendInputs& inputs) {
    if (inputs.choice.state != abi::BackendAdmin::kReady || !has_agent(inputs))
        return inputs.choice.state;
    if (inputs.standing.agent != nullptr)
        return admin_by(*inputs.standing.agent);
    if (inputs.previous == nullptr)
        return abi::BackendAdmin::kReady;
    const auto before = static_cast<abi::BackendAdmin>(inputs.previous->admin);
    return health::is_of_agent(before) ? before : abi::BackendAdmin::kReady;
}

BackendCondition condition_of(const BackendInputs& inputs) {
    const BackendState when_up = state_by_choice(inputs);
    if (inputs.pool.check.type == config::CheckType::kNone)
        return {when_up, BackendHealth::kUnchecked};
    const health::Standing& standing = inputs.standing;
    if (standing.verdict == Verdict::kGood)
        return {when_up, BackendHealth::kUp};
    if (standing.verdict == Verdict::kBad) {
        const bool moves =
            when_up == BackendState::kDown || moves_flows(inputs.pool.on_down, inputs.pool_has_udp,
                                                          standing.failure->is_host_unreachable);
        return {moves ? BackendState::kDown : BackendState::kDraining, BackendHealth::kDown};
    }
    return go_on(inputs.previous, when_up);
}

health::AdminChoice choice_in_force(const abi::BackendEntry& entry) {
    const auto state = static_cast<abi::BackendAdmin>(entry.admin);
    health::AdminChoice choice{.state =
                                   health::is_of_agent(state) ? abi::BackendAdmin::kReady : state};
    if (state == abi::BackendAdmin::kMaint)
        choice.flows_move_at_s = entry.time_s;
    if (entry.weight_is_chosen != 0)
        choice.weight = entry.weight;
    return choice;
}

health::AdminChoices choices_in_force(const Tables& tables) {
    health::AdminChoices choices;
    for (const abi::PoolEntry& pool : tables.pools) {
        for (const abi::BackendEntry& entry : backends_of(tables, pool)) {
            if (!is_retired(entry))
                choices.set(pool.name, entry.address, choice_in_force(entry));
        }
    }
    return choices;
}

}  // namespace vipfwd::table
