// SPDX-License-Identifier: Apache-2.0
// The states of an election and what moves it from one to another, with the words for them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::vrrp {

enum class State : std::uint8_t {
    kDown,         // takes no part: RFC 9568 §6.4.1, or our effective priority is 0
    kBackup,       // §6.4.2
    kActive,       // §6.4.3: answers for the VIPs, forwards and advertises
    kHandingOver,  // answers and forwards, but has resigned: waits for another's advert
    kLast = kHandingOver,
};

inline constexpr std::array kStateNames = {
    abi::EnumWord{State::kDown, "down"},
    abi::EnumWord{State::kBackup, "backup"},
    abi::EnumWord{State::kActive, "active"},
    abi::EnumWord{State::kHandingOver, "handing_over"},
};
static_assert(abi::is_indexed_by(kStateNames));

constexpr std::string_view name(State state) {
    return kStateNames[static_cast<std::size_t>(state)].word;
}

// Answers for the VIPs and forwards.
constexpr bool owns(State state) {
    return state == State::kActive || state == State::kHandingOver;
}

enum class Cause : std::uint8_t {
    kNone,
    kStartup,
    kAdopted,  // what the lease held, after a restart of control
    // What was heard.
    kSilence,         // no advert in time
    kPriorityZero,    // a peer resigned
    kLowerPriority,   // of a peer that should not be active
    kHigherPriority,  // of a peer that should
    kLargerAddress,   // of equal priority, from a larger source address
    // What was done to us: for set_priority().
    kDataplane,  // died, or came back
    kTables,     // not loaded, or loaded
    kTracking,   // of something else that our priority depends on
    kOperator,
    kStopped,
    kHandover,
    kNoSuccessor,  // nobody took over
    kLast = kNoSuccessor,
};

inline constexpr std::array kCauseNames = {
    abi::EnumWord{Cause::kNone, "none"},
    abi::EnumWord{Cause::kStartup, "startup"},
    abi::EnumWord{Cause::kAdopted, "adopted"},
    abi::EnumWord{Cause::kSilence, "silence"},
    abi::EnumWord{Cause::kPriorityZero, "priority_zero"},
    abi::EnumWord{Cause::kLowerPriority, "lower_priority"},
    abi::EnumWord{Cause::kHigherPriority, "higher_priority"},
    abi::EnumWord{Cause::kLargerAddress, "larger_address"},
    abi::EnumWord{Cause::kDataplane, "dataplane"},
    abi::EnumWord{Cause::kTables, "tables"},
    abi::EnumWord{Cause::kTracking, "tracking"},
    abi::EnumWord{Cause::kOperator, "operator"},
    abi::EnumWord{Cause::kStopped, "stopped"},
    abi::EnumWord{Cause::kHandover, "handover"},
    abi::EnumWord{Cause::kNoSuccessor, "no_successor"},
};
static_assert(abi::is_indexed_by(kCauseNames));

constexpr std::string_view name(Cause cause) {
    return kCauseNames[static_cast<std::size_t>(cause)].word;
}

}  // namespace vipfwd::vrrp
