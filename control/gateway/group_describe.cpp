// SPDX-License-Identifier: Apache-2.0
// A group as vipctl shows it.
#include <utility>

#include "control/gateway/group.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {

using vrrp::Cause;
using vrrp::State;

api::GroupDescription Group::describe(std::int64_t now_ns) const {
    const auto age_ms = [now_ns](std::int64_t then_ns) {
        return static_cast<std::uint64_t>((now_ns - then_ns) / kNanosecondsPerMs);
    };
    api::GroupDescription described{
        .name = config_.name,
        .port = config_.port,
        .id = config_.id,
        .is_v4 = config_.is_v4(),
        .version = config_.version,
        .state = std::string(name(election_ ? election_->state() : State::kDown)),
        .cause = std::string(name(election_ ? election_->cause() : Cause::kNone)),
        .age_ms = election_ ? std::optional(age_ms(election_->since_ns())) : std::nullopt,
        .priority = election_ ? election_->priority() : std::uint8_t{0},
        .configured_priority = static_cast<std::uint8_t>(config_.priority),
        .chosen_priority = chosen_priority(),
        .advert_interval_ms = config_.advert_interval_ms,
        .source = situation_.source,
        .auth = config_.auth_key ? (config_.auth_required ? "required" : "optional") : "",
        .unverified = unverified_,
        .vips = config_.vips.size(),
        .accept = config_.accept,
        .adverts_received = adverts_received_,
    };
    const auto hinders = [&](bool is_so, std::string what) {
        if (is_so)
            described.hindrances.push_back(std::move(what));
    };
    hinders(!enabled(), "disabled by the operator");
    hinders(leaving_, "the dataplane is stopping");
    hinders(!situation_.dataplane_works, "the dataplane does not work");
    hinders(situation_.link == Verdict::kBad, "the link of its port is down");
    for (const TrackState& track : situation_.tracks) {
        described.tracks.push_back({.what = track.what,
                                    .state = std::string(name(track.verdict)),
                                    .failure = track.failure,
                                    .weight = track.weight,
                                    .contribution = track.contribution()});
        hinders(track.hinders(), track.what + " fails: " + track.failure);
    }
    hinders(lease() == nullptr, "its tables are not in force");
    hinders(!election_ && !situation_.next_hops_known, "next hops are not known yet");
    hinders(situation_.source.is_none(), "its port has no address to advertise from");
    hinders(!situation_.set_hindrance.empty(), "of sync_set '" + config_.sync_set + "', group '" +
                                                   situation_.set_hindrance + "' takes no part");
    if (election_ && election_->last_heard()) {
        const vrrp::Heard& heard = *election_->last_heard();
        described.heard = {{.source = heard.source,
                            .priority = heard.priority,
                            .interval_ms = heard.interval_ms,
                            .same_vips = heard_same_vips_,
                            .age_ms = age_ms(heard.received_ns)}};
    }
    for (std::size_t i = 0; i < discards_.size(); ++i)
        described.discards.emplace_back(vrrp::kDiscardTexts[i].name, discards_[i]);
    for (const Transition& one : transitions_) {
        described.transitions.push_back({.age_ms = age_ms(one.at_ns),
                                         .from = std::string(name(one.from)),
                                         .to = std::string(name(one.to)),
                                         .cause = std::string(name(one.cause))});
    }
    return described;
}

}  // namespace vipfwd::gateway
