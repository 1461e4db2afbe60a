// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/group.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "control/table/group_adverts.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::gateway {
namespace {

using abi::Claim;
using abi::LeaseState;
using vrrp::Cause;
using vrrp::State;

constexpr std::size_t kTransitionsKept = 16;

LeaseState lease_state(State state, bool resigns) {
    switch (state) {
        case State::kActive:
            return LeaseState::kOwner;
        case State::kHandingOver:
            return LeaseState::kHandingOver;
        case State::kDown:
        case State::kBackup:
            break;
    }
    return resigns ? LeaseState::kResigned : LeaseState::kBackup;
}

State election_state(LeaseState state) {
    switch (state) {
        case LeaseState::kOwner:
            return State::kActive;
        case LeaseState::kHandingOver:
            return State::kHandingOver;
        case LeaseState::kBackup:
        case LeaseState::kResigned:
            break;
    }
    return State::kBackup;
}

// GroupLease::election_state.
std::uint64_t pack(const vrrp::Standing& standing) {
    return std::uint64_t{standing.interval_ms} << 1 | (standing.may_preempt ? 1 : 0);
}

vrrp::Standing unpack(std::uint64_t word, State state) {
    return {.state = state,
            .may_preempt = (word & 1) != 0,
            .interval_ms = static_cast<std::uint32_t>(word >> 1)};
}

// GroupLease::operator_override.
constexpr std::uint64_t kDisabled = 1 << 8;

std::uint64_t pack(const Orders& orders) {
    return (orders.enabled ? 0 : kDisabled) | orders.priority.value_or(0);
}

Orders unpack_orders(std::uint64_t word) {
    const auto priority = static_cast<std::uint8_t>(word);
    return {.enabled = (word & kDisabled) == 0,
            .priority = priority == 0 ? std::nullopt : std::optional(priority)};
}

bool same_election(const config::Group& a, const config::Group& b) {
    return a.port == b.port && a.id == b.id && a.version == b.version &&
           a.advert_interval_ms == b.advert_interval_ms && a.preempt == b.preempt &&
           a.preempt_delay_ms == b.preempt_delay_ms && a.is_v4() == b.is_v4();
}

}  // namespace

void Group::configure(const config::Group& config, std::int64_t now_ns) {
    const bool same = same_election(config, config_);
    const bool same_priority = config.priority == config_.priority;
    notice_lapse(now_ns);
    config_ = config;
    heard_vips_.clear();
    if (!election_)
        return;
    if (!same)
        rebuild(now_ns);
    if (!same_priority)
        weigh(Cause::kOperator, now_ns);
}

void Group::follow(const Situation& situation, std::int64_t now_ns) {
    const Situation before = std::exchange(situation_, situation);
    keep_orders();
    if (!election_)
        return begin(now_ns);
    if (situation.source != before.source && !situation.source.is_none())
        rebuild(now_ns);
    notice_lapse(now_ns);
    renew(now_ns);
    if (leaving_ && !situation.dataplane_works) {
        leaving_ = false;  // it has left; the next one takes part like any other
        election_->allow_preempt();
    }
    if (before.dataplane_works != situation.dataplane_works)
        weigh(Cause::kDataplane, now_ns);
    else if (before.link != situation.link || before.tracks != situation.tracks ||
             before.set_hindrance != situation.set_hindrance)
        weigh(Cause::kTracking, now_ns);
    else
        weigh(Cause::kTables, now_ns);
}

// In the lease, for the next control; or from there, if this is the next one.
void Group::keep_orders() {
    abi::GroupLease* const own = lease();
    if (own == nullptr)
        return;
    orders_ = orders(own);
    own->operator_override.store(pack(*orders_));
}

Orders Group::orders(const abi::GroupLease* lease) const {
    if (orders_)
        return *orders_;
    return lease != nullptr ? unpack_orders(lease->operator_override.load()) : Orders{};
}

// What the lease holds, if a control before this one left it and it is still good, else from the
// start.
void Group::begin(std::int64_t now_ns) {
    const abi::GroupLease* const before = lease();
    if (before == nullptr || situation_.source.is_none())
        return;
    const State state = election_state(before->at(static_cast<std::uint64_t>(now_ns)).state);
    const bool is_good = static_cast<std::uint64_t>(now_ns) < before->expires_ns.load();
    if (!vrrp::owns(state) &&
        !(is_eligible() && all_is_known() && (situation_.next_hops_known || is_good)))
        return;
    rebuild(now_ns);
    if (is_good)
        act(election_->adopt(unpack(before->election_state.load(), state), now_ns), now_ns);
    else
        act(election_->start(now_ns), now_ns);
    renew(now_ns);
}

// Another election, in the place of this one if there is one.
void Group::rebuild(std::int64_t now_ns) {
    const std::optional<vrrp::Standing> standing =
        election_ ? std::optional(election_->standing()) : std::nullopt;
    election_.emplace(vrrp::Settings{.version = config_.version,
                                     .id = static_cast<std::uint8_t>(config_.id),
                                     .priority = effective_priority(),
                                     .advert_interval_ms = config_.advert_interval_ms,
                                     .preempt = config_.preempt,
                                     .preempt_delay_ms = config_.preempt_delay_ms,
                                     .startup_delay_ms = config_.startup_delay_ms,
                                     .source = situation_.source});
    if (standing)
        act(election_->adopt(*standing, now_ns), now_ns);
}

// A lease that ran out before it could be renewed has been resigned by the dataplane, because we
// hung: somebody else may be the owner. To be looked at before anything is concluded.
void Group::notice_lapse(std::int64_t now_ns) {
    const abi::GroupLease* const own = lease();
    if (own == nullptr || !election_ || !vrrp::owns(election_->state()) ||
        static_cast<std::uint64_t>(now_ns) < own->expires_ns.load())
        return;
    spdlog::warn("group '{}': not renewed for {} ms, so the dataplane has resigned", config_.name,
                 config_.hold_ms);
    act(election_->stop(now_ns), now_ns);
    act(election_->start(now_ns), now_ns);
}

// A backup's too, though the dataplane does not mind: its standing is to be adopted. Never what an
// earlier election still seems to own.
void Group::renew(std::int64_t now_ns) {
    abi::GroupLease* const own = lease();
    if (own == nullptr || election_->state() == State::kDown)
        return;
    const State claimed = election_state(Claim::unpack(own->claim.load()).state);
    if (vrrp::owns(claimed) == vrrp::owns(election_->state()))
        own->expires_ns.store(expiry_ns(now_ns));
}

std::uint64_t Group::expiry_ns(std::int64_t now_ns) const {
    return static_cast<std::uint64_t>(now_ns) + config_.hold_ms * std::uint64_t{kNanosecondsPerMs};
}

std::optional<bool> Group::owns(std::int64_t now_ns) const {
    if (election_)
        return vrrp::owns(election_->state());
    const abi::GroupLease* const before = lease();
    if (before != nullptr && !before->owns(static_cast<std::uint64_t>(now_ns)))
        return false;
    return std::nullopt;
}

// Takes part with the priority that all things together give it.
void Group::weigh(Cause cause, std::int64_t now_ns) {
    const std::uint8_t priority = effective_priority();
    if (leaving_ && election_ && election_->state() == State::kHandingOver)
        return;
    if (election_ && priority != election_->priority())
        act(election_->set_priority(priority, now_ns, cause), now_ns);
}

bool Group::is_hindered(const Situation& situation) const {
    const abi::GroupLease* const own = lease_in(situation);
    return own == nullptr || !orders(own).enabled || leaving_ || !situation.dataplane_works ||
           situation.link == Verdict::kBad || situation.source.is_none() ||
           std::ranges::any_of(situation.tracks, &TrackState::hinders);
}

bool Group::all_is_known() const {
    return situation_.link != Verdict::kUnknown &&
           std::ranges::none_of(situation_.tracks, [](const TrackState& track) {
               return track.verdict == Verdict::kUnknown;
           });
}

// 0 and 255 have meanings of their own (RFC 9568 §5.2.4): no sum comes to them.
std::uint8_t Group::effective_priority() const {
    if (!is_eligible())
        return 0;
    // What an owner had, until all is known that it depends on: a new control does not know yet.
    const Claim claim = Claim::unpack(lease()->claim.load());
    if (abi::owns(claim.state) && !all_is_known())
        return claim.priority;
    const std::int32_t base =
        chosen_priority().value_or(static_cast<std::uint8_t>(config_.priority));
    std::int32_t sum = base;
    for (const TrackState& track : situation_.tracks)
        sum += track.contribution();
    return static_cast<std::uint8_t>(std::clamp(sum, 1, std::max(254, base)));
}

void Group::hear(const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                 const net::ReceivedAdvert& received, std::int64_t now_ns) {
    const IpAddress& source = received.source;
    if (const auto* why = std::get_if<vrrp::Discard>(&decoded))
        return discard(*why);
    if (!config_.peers.empty() && std::ranges::find(config_.peers, source) == config_.peers.end())
        return discard(source == situation_.source ? vrrp::Discard::kOwnSource
                                                   : vrrp::Discard::kNotPeer);
    if (!election_ || !is_authentic(received, now_ns))
        return;
    notice_lapse(now_ns);
    const vrrp::Decision decision =
        election_->on_advert(std::get<vrrp::Advert>(decoded), source, received.received_ns, now_ns);
    if (decision.discard)
        return discard(*decision.discard);
    ++adverts_received_;
    compare_vips(std::get<vrrp::Advert>(decoded), source, now_ns);
    act(decision, now_ns);
}

// RFC 9568 §7.1: an administrator is told of a peer that lists other VIPs. It is heeded all
// the same: two owners would be worse.
void Group::compare_vips(const vrrp::Advert& advert, const IpAddress& source, std::int64_t now_ns) {
    if (advert.addresses == heard_vips_)
        return;
    heard_vips_ = advert.addresses;
    std::vector<IpAddress> theirs = advert.addresses;
    std::vector<IpAddress> ours =
        make_advert(table::advert_settings(config_), advert.priority, situation_.mtu).addresses;
    std::ranges::sort(theirs);
    std::ranges::sort(ours);
    heard_same_vips_ = theirs == ours;
    if (heard_same_vips_ || now_ns - warned_of_vips_ns_ < kBetweenWarnings_ns)
        return;
    warned_of_vips_ns_ = now_ns;
    spdlog::warn(
        "group '{}': {} advertises other VIPs: {} are to be listed here, {} there; give "
        "both gateways the same",
        config_.name, to_string(source), ours.size(), theirs.size());
}

void Group::on_time(std::int64_t now_ns) {
    notice_lapse(now_ns);
    if (election_ && now_ns >= election_->deadline_ns())
        act(election_->on_time(now_ns), now_ns);
}

Result<void> Group::hand_over(std::int64_t now_ns) {
    notice_lapse(now_ns);
    if (!election_ || election_->state() != State::kActive)
        return Error{"group '" + config_.name + "' is not active here"};
    act(election_->hand_over(now_ns), now_ns);
    return {};
}

void Group::leave(std::int64_t now_ns) {
    notice_lapse(now_ns);
    leaving_ = true;
    if (election_ && election_->state() == State::kActive)
        act(election_->hand_over(now_ns), now_ns);
    weigh(Cause::kDataplane, now_ns);
}

void Group::set_priority(std::optional<std::uint8_t> priority, std::int64_t now_ns) {
    obey({.enabled = enabled(), .priority = priority}, now_ns);
}

void Group::set_enabled(bool enabled, std::int64_t now_ns) {
    obey({.enabled = enabled, .priority = chosen_priority()}, now_ns);
}

void Group::obey(const Orders& orders, std::int64_t now_ns) {
    notice_lapse(now_ns);
    orders_ = orders;
    keep_orders();
    if (election_)
        election_->allow_preempt();
    weigh(Cause::kOperator, now_ns);
}

void Group::stop(std::int64_t now_ns) {
    if (election_)
        act(election_->stop(now_ns), now_ns);
    if (abi::GroupLease* const own = lease()) {  // nothing to adopt
        own->expires_ns.store(0);
        own->operator_override.store(0);
    }
}

std::optional<std::uint8_t> Group::take_advert() {
    return std::exchange(advert_, std::nullopt);
}

void Group::act(const vrrp::Decision& decision, std::int64_t now_ns) {
    write_lease(decision, now_ns);
    if (decision.resign && !situation_.dataplane_works)
        advert_ = vrrp::kResignPriority;
    else if (decision.insist && !advert_)
        advert_ = election_->priority();
    note(now_ns);
}

// One word says it all, and is written last.
void Group::write_lease(const vrrp::Decision& decision, std::int64_t now_ns) {
    abi::GroupLease* const own = lease();
    if (own == nullptr)
        return;
    const Claim before = Claim::unpack(own->claim.load());
    Claim claim = before;
    claim.state = lease_state(election_->state(), decision.resign);
    if (claim.state == LeaseState::kBackup && before.state == LeaseState::kResigned)
        claim.state = LeaseState::kResigned;  // it may not have been said yet
    if (claim.state == LeaseState::kOwner)
        claim.priority = election_->priority();
    if (decision.advertise || claim != before)
        ++claim.epoch;
    if (decision.announce)
        ++claim.announcement;
    own->election_state.store(pack(election_->standing()));
    if (claim == before)
        return;
    // Before the claim. One that is given up is not renewed for an instant: it may have run out.
    if (vrrp::owns(election_->state()))
        own->expires_ns.store(expiry_ns(now_ns));
    own->claim.store(claim.pack());
    situation_.leases->changes.store(situation_.leases->changes.load() + 1);
}

void Group::note(std::int64_t now_ns) {
    const State state = election_->state();
    if (state == seen_)
        return;
    transitions_.push_front(
        {.at_ns = now_ns, .from = seen_, .to = state, .cause = election_->cause()});
    if (transitions_.size() > kTransitionsKept)
        transitions_.pop_back();
    spdlog::info("group '{}': {} -> {} ({})", config_.name, name(seen_), name(state),
                 name(election_->cause()));
    seen_ = state;
}

abi::GroupLease* Group::lease_in(const Situation& situation) {
    if (situation.leases == nullptr || situation.lease == abi::kNoGroup)
        return nullptr;
    return &situation.leases->groups[situation.lease];
}

}  // namespace vipfwd::gateway
