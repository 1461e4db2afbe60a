// SPDX-License-Identifier: Apache-2.0
// What an agent on a backend says of it: one line of haproxy's agent-check protocol
// (haproxy's configuration manual, keyword "agent-check"). Pure.
//
// A line is the agent's whole opinion: what it does not mention has its default. haproxy keeps what
// an earlier line said instead, so that a lost line is never made good.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dataplane/abi/enum.h"
#include "dataplane/abi/result.h"

namespace vipfwd::health {

enum class AgentState : std::uint8_t {
    kReady,
    kDrain,  // it keeps its flows and gets no new ones
    kMaint,  // its flows move
    kDown,   // as if its check failed
    kLast = kDown
};

inline constexpr std::array kAgentStateNames = {
    abi::EnumWord{AgentState::kReady, "ready"},
    abi::EnumWord{AgentState::kDrain, "drain"},
    abi::EnumWord{AgentState::kMaint, "maint"},
    abi::EnumWord{AgentState::kDown, "down"},
};
static_assert(abi::is_indexed_by(kAgentStateNames));

// As in JSON and in events.
constexpr std::string_view name(AgentState state) {
    return kAgentStateNames[static_cast<std::size_t>(state)].word;
}

struct AgentAnswer {
    AgentState state = AgentState::kReady;
    std::uint32_t percent = 100;  // of the configured weight, 0 to 100
    std::string line = {};        // as the agent sent it: printable, and short

    // Whether it has the same effect.
    bool agrees_with(const AgentAnswer& other) const {
        return state == other.state && percent == other.percent;
    }
};

// `line` is without its end. Its words, in any order and case, are separated by spaces, tabs or
// commas; what follows a '#' is for people:
//
//   75%                      the percentage of the weight; more than 100 counts as 100
//   up, ready                no effect: they are the default
//   drain, maint             see AgentState
//   down, failed, stopped    kDown, which counts more than kMaint, and that more than kDrain
//   maxconn:N                ignored: connections are not limited here
//
// An error quotes a word that is none of these, or says that there is none.
Result<AgentAnswer> parse_agent_answer(std::string_view line);

}  // namespace vipfwd::health
