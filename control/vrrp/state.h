// SPDX-License-Identifier: Apache-2.0
// The states of an election and the causes of its transitions, with their names.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::vrrp {

enum class State : std::uint8_t {
    kDown,         // RFC 9568 §6.4.1 Initialize; or the effective priority is 0
    kBackup,       // §6.4.2
    kActive,       // §6.4.3: answers for the VIPs, forwards and advertises
    kHandingOver,  // has resigned, but answers and forwards until a peer advertises
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

// Whether the router answers for the VIPs in this state.
constexpr bool owns(State state) {
    return state == State::kActive || state == State::kHandingOver;
}

enum class Cause : std::uint8_t {
    kNone,
    kStartup,
    kAdopted,  // from the lease, after a restart of control
    // Adverts of peers, or their absence:
    kSilence,         // no advert arrived in time
    kPriorityZero,    // a peer resigned
    kLowerPriority,   // a peer of lower priority advertised
    kHigherPriority,  // a peer of higher priority advertised
    kLargerAddress,   // a peer of equal priority and larger source address advertised
    // Causes on this gateway, as given to set_priority():
    kDataplane,  // it stopped or resumed forwarding
    kTables,     // they were published or withdrawn
    kTracking,   // a link, script or process
    kOperator,
    kStopped,
    kHandover,
    kNoSuccessor,  // a handover was not taken up by any peer
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
