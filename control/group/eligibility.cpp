// SPDX-License-Identifier: Apache-2.0
#include "control/group/eligibility.h"

#include <algorithm>
#include <utility>

namespace vipfwd::group {

std::string to_string(const Hindrance& hindrance) {
    using Kind = Hindrance::Kind;
    const std::string& detail = hindrance.detail;
    switch (hindrance.kind) {
        case Kind::kDisabled:
            return "disabled by the operator";
        case Kind::kDataplaneStopping:
            return "the dataplane is stopping";
        case Kind::kDataplaneNotForwarding:
            return "the dataplane is not forwarding";
        case Kind::kPortClosed:
            return detail;
        case Kind::kLinkDown:
            return "the link of port " + detail + " is down";
        case Kind::kTrackFailed:
            return detail;
        case Kind::kNotInForce:
            return "its tables are not in force";
        case Kind::kNoSourceAddress:
            return "port " + detail + " has no address to advertise from";
        case Kind::kSyncSet:
            return "group " + detail + " is ineligible";
        case Kind::kLinkUnknown:
            return "the link of port " + detail + " is not known yet";
        case Kind::kTrackUnknown:
            return detail + " has no result yet";
        case Kind::kNextHopsUnresolved:
            return "next hops of backends are not resolved yet";
        case Kind::kHealthUnknown:
            return "the first health checks of backends have no results yet";
    }
    return "unknown";
}

std::vector<Hindrance> find_hindrances(const config::Group& group, const GroupInputs& inputs,
                                       const Participation& participation) {
    using Kind = Hindrance::Kind;
    std::vector<Hindrance> found;
    const auto add_if = [&found](bool applies, Kind kind, std::string detail = {}) {
        if (applies)
            found.push_back({kind, std::move(detail)});
    };
    const bool is_starting = !participation.has_started;
    add_if(!participation.operator_override.enabled, Kind::kDisabled);
    add_if(participation.dataplane_is_stopping, Kind::kDataplaneStopping);
    add_if(!inputs.dataplane_forwards, Kind::kDataplaneNotForwarding);
    add_if(!inputs.port_closed.empty(), Kind::kPortClosed, inputs.port_closed);
    add_if(inputs.link == Verdict::kBad && inputs.port_closed.empty(), Kind::kLinkDown, group.port);
    add_if(is_starting && inputs.link == Verdict::kUnknown, Kind::kLinkUnknown, group.port);
    for (const TrackState& track : inputs.tracks) {
        add_if(track.hinders(), Kind::kTrackFailed, track.what + " fails: " + track.failure);
        add_if(is_starting && track.verdict == Verdict::kUnknown, Kind::kTrackUnknown, track.what);
    }
    add_if(inputs.leases == nullptr || inputs.lease == abi::kNoGroup, Kind::kNotInForce);
    add_if(is_starting && !inputs.next_hops_resolved && !participation.lease_is_valid,
           Kind::kNextHopsUnresolved);
    add_if(is_starting && !inputs.health_known && !participation.lease_is_valid,
           Kind::kHealthUnknown);
    add_if(inputs.source.is_none(), Kind::kNoSourceAddress, group.port);
    add_if(!inputs.sync_set_blocker.empty(), Kind::kSyncSet,
           "'" + inputs.sync_set_blocker + "' of sync_set '" + group.sync_set + "'");
    return found;
}

bool is_eligible(std::span<const Hindrance> hindrances) {
    return std::ranges::none_of(hindrances, &Hindrance::ends_ownership);
}

bool all_verdicts_known(const GroupInputs& inputs) {
    const auto is_unknown = [](const TrackState& track) {
        return track.verdict == Verdict::kUnknown;
    };
    return inputs.link != Verdict::kUnknown && std::ranges::none_of(inputs.tracks, is_unknown);
}

}  // namespace vipfwd::group
