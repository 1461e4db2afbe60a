// SPDX-License-Identifier: Apache-2.0
// The states of an election and what moves it from one to another, with the words for them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vipfwd::vrrp {

enum class State : std::uint8_t {
    kDown,         // takes no part: RFC 9568 §6.4.1, or our effective priority is 0
    kBackup,       // §6.4.2
    kActive,       // §6.4.3: answers for the VIPs, forwards and advertises
    kHandingOver,  // answers and forwards, but has resigned: waits for another's advert
};

inline constexpr std::array<std::string_view, 4> kStateNames{"down", "backup", "active",
                                                             "handing_over"};

constexpr std::string_view name(State state) {
    return kStateNames[static_cast<std::size_t>(state)];
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
};

inline constexpr std::array<std::string_view, 15> kCauseNames{
    "none",           "startup",         "adopted",        "silence",   "priority_zero",
    "lower_priority", "higher_priority", "larger_address", "dataplane", "tables",
    "tracking",       "operator",        "stopped",        "handover",  "no_successor",
};

constexpr std::string_view name(Cause cause) {
    return kCauseNames[static_cast<std::size_t>(cause)];
}

}  // namespace vipfwd::vrrp
