// SPDX-License-Identifier: Apache-2.0
// Whether a group may own its VIPs here. The answer is a list of hindrances: the group is eligible
// if the list is empty. The same list decides about the election and is shown to the operator.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/group/group_inputs.h"

namespace vipfwd::group {

struct Hindrance {
    enum class Kind : std::uint8_t {
        // These make an active group resign.
        kDisabled,                // by the operator
        kDataplaneStopping,       // it has been asked to stop, and waits until it owns no VIPs
        kDataplaneNotForwarding,  // or the packets of the VIPs do not reach it
        kPortClosed,              // the group's port, by the dataplane
        kLinkDown,                // of the group's port
        kTrackFailed,             // a track of weight 0
        kNotInForce,              // the tables that define the group's lease are not published yet
        kNoSourceAddress,         // the port has no address to advertise from
        kSyncSet,                 // another group of the sync_set is ineligible
        // These only delay the start of the election.
        kLinkUnknown,
        kTrackUnknown,
        kNextHopsUnresolved,
        kHealthUnknown,
        kLast = kHealthUnknown
    };

    Kind kind = Kind::kDisabled;
    std::string detail = {};  // which port, track or group; as to_string() says it

    bool ends_ownership() const { return kind < Kind::kLinkUnknown; }
    friend bool operator==(const Hindrance&, const Hindrance&) = default;
};

// One line for the operator, such as "the link of port uplink is down".
std::string to_string(const Hindrance& hindrance);

// What the operator has chosen by `vipctl group`. It outlives control, in the group's lease.
struct OperatorOverride {
    bool enabled = true;
    std::optional<std::uint8_t> priority;  // instead of the configured one

    friend bool operator==(const OperatorOverride&, const OperatorOverride&) = default;
};

// The state of the group itself, as far as its eligibility depends on it.
struct Participation {
    OperatorOverride operator_override;
    bool dataplane_is_stopping = false;
    bool has_started = false;     // the election is under way: nothing can delay its start any more
    bool lease_is_valid = false;  // a former control's state can be adopted
};

// All hindrances of the group, in the order in which they are shown.
std::vector<Hindrance> find_hindrances(const config::Group& group, const GroupInputs& inputs,
                                       const Participation& participation);

// Whether the group may own its VIPs: hindrances that only delay the start do not count.
bool is_eligible(std::span<const Hindrance> hindrances);

// Whether all verdicts that the group's priority depends on are known.
bool all_verdicts_known(const GroupInputs& inputs);

}  // namespace vipfwd::group
