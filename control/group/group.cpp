// SPDX-License-Identifier: Apache-2.0
#include "control/group/group.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/clock.h"

namespace vipfwd::group {
namespace {

using vrrp::Cause;
using vrrp::State;

constexpr std::size_t kTransitionsKept = 16;

// True if the election goes on as it is: nothing that it depends on differs.
bool same_election(const config::Group& a, const config::Group& b) {
    return a.port == b.port && a.id == b.id && a.version == b.version &&
           a.advert_interval_ms == b.advert_interval_ms && a.preempt == b.preempt &&
           a.preempt_delay_ms == b.preempt_delay_ms && a.is_v4() == b.is_v4();
}

}  // namespace

void Group::configure(const config::Group& config, std::int64_t now_ns) {
    const bool same = same_election(config, config_);
    const bool same_priority = config.priority == config_.priority;
    detect_expired_lease(now_ns);
    config_ = config;
    adverts_.forget_comparisons();
    if (!election_)
        return;
    if (!same)
        replace_election(now_ns);
    if (!same_priority)
        apply_priority(Cause::kOperator, now_ns);
}

void Group::update(const GroupInputs& inputs, std::int64_t now_ns) {
    const GroupInputs before = std::exchange(inputs_, inputs);
    if (inputs.leases != before.leases || inputs.lease != before.lease)
        claim_.reset();  // it was written to another lease
    restore_override();
    refresh_hindrances(now_ns);
    if (!election_)
        return start_if_possible(now_ns);
    if (inputs.source != before.source && !inputs.source.is_none())
        replace_election(now_ns);
    restore_claim();
    detect_expired_lease(now_ns);
    if (LeaseWriter own = lease())
        own.renew(*election_, expiry_ns(now_ns));
    if (dataplane_is_stopping_ && !inputs.dataplane_forwards) {
        // It has stopped; the next dataplane takes part like any other.
        dataplane_is_stopping_ = false;
        election_->allow_preempt();
    }
    if (before.dataplane_forwards != inputs.dataplane_forwards)
        apply_priority(Cause::kDataplane, now_ns);
    else if (before.link != inputs.link || before.tracks != inputs.tracks ||
             before.sync_set_blocker != inputs.sync_set_blocker)
        apply_priority(Cause::kTracking, now_ns);
    else
        apply_priority(Cause::kTables, now_ns);
}

// Adopts the state that the lease holds if a former control left it and it is still valid, else
// starts from scratch. A group that owns its VIPs by the lease is adopted whatever hinders it, so
// that it resigns properly.
void Group::start_if_possible(std::int64_t now_ns) {
    LeaseWriter own = lease();
    if (!own || inputs_.source.is_none())
        return;
    const vrrp::ElectionState inherited = own.election_state(now_ns);
    if (!vrrp::owns(inherited.state) && !hindrances_.empty())
        return;
    const bool can_adopt = own.is_valid(now_ns);
    replace_election(now_ns);
    apply(can_adopt ? election_->adopt(inherited, now_ns) : election_->start(now_ns), now_ns);
    own.renew(*election_, expiry_ns(now_ns));
    refresh_hindrances(now_ns);
}

// Creates the election with the current settings. The state of a previous one carries over.
void Group::replace_election(std::int64_t now_ns) {
    const std::optional<vrrp::ElectionState> before =
        election_ ? std::optional(election_->election_state()) : std::nullopt;
    election_.emplace(vrrp::ElectionSettings{.version = config_.version,
                                             .id = static_cast<std::uint8_t>(config_.id),
                                             .priority = effective_priority(),
                                             .advert_interval_ms = config_.advert_interval_ms,
                                             .preempt = config_.preempt,
                                             .preempt_delay_ms = config_.preempt_delay_ms,
                                             .startup_delay_ms = config_.startup_delay_ms,
                                             .source = inputs_.source});
    if (before)
        apply(election_->adopt(*before, now_ns), now_ns);
}

// Only control writes claims: if one is not as this control has written it, the region was damaged.
void Group::restore_claim() {
    LeaseWriter own = lease();
    if (!own || !claim_ || own.claim() == *claim_)
        return;
    spdlog::error("group '{}': something else has changed its lease; writing it anew",
                  config_.name);
    own.restore(*claim_);
    claim_ = own.claim();
}

// If control hung for so long that the lease expired, the dataplane has resigned and a peer may own
// the VIPs. The election then restarts as a backup before it concludes anything else.
void Group::detect_expired_lease(std::int64_t now_ns) {
    const LeaseWriter own = lease();
    if (!own || !election_ || !vrrp::owns(election_->state()) || own.is_valid(now_ns))
        return;
    spdlog::warn("group '{}': the lease was not renewed for {} ms, so the dataplane has resigned",
                 config_.name, config_.hold_ms);
    apply(election_->stop(now_ns), now_ns);
    apply(election_->start(now_ns), now_ns);
}

std::int64_t Group::expiry_ns(std::int64_t now_ns) const {
    return now_ns + config_.hold_ms * kNanosecondsPerMs;
}

std::optional<bool> Group::owns(std::int64_t now_ns) const {
    if (election_)
        return vrrp::owns(election_->state());
    if (const LeaseWriter own = lease(); own && !own.owns(now_ns))
        return false;
    return std::nullopt;
}

std::optional<ActiveGroup> Group::active_by(std::uint16_t lease) const {
    if (inputs_.lease != lease || !election_ || election_->state() != State::kActive)
        return std::nullopt;
    ActiveGroup active{.since_ns = election_->since_ns(),
                       .advert_interval_ms = config_.advert_interval_ms};
    if (election_->last_advert())
        active.rival_heard_ns = election_->last_advert()->received_ns;
    return active;
}

// The override is kept in the lease for the next control; this control may itself be the next one.
void Group::restore_override() {
    LeaseWriter own = lease();
    if (!own)
        return;
    override_ = operator_override(own);
    own.store(*override_);
}

OperatorOverride Group::operator_override(const LeaseWriter& lease) const {
    if (override_)
        return *override_;
    return lease ? lease.operator_override() : OperatorOverride{};
}

Participation Group::participation(const LeaseWriter& lease, std::int64_t now_ns) const {
    return {.operator_override = operator_override(lease),
            .dataplane_is_stopping = dataplane_is_stopping_,
            .has_started = election_.has_value(),
            .lease_is_valid = lease && lease.is_valid(now_ns)};
}

std::vector<Hindrance> Group::hindrances_with(const GroupInputs& inputs,
                                              std::int64_t now_ns) const {
    return find_hindrances(config_, inputs, participation({inputs.leases, inputs.lease}, now_ns));
}

void Group::refresh_hindrances(std::int64_t now_ns) {
    hindrances_ = hindrances_with(inputs_, now_ns);
}

// 0 and 255 have meanings of their own (RFC 9568 §5.2.4), so the sum is kept away from them.
std::uint8_t Group::effective_priority() const {
    if (!is_eligible(hindrances_))
        return 0;
    // An owner keeps the priority it had until all verdicts are known: after a restart of control
    // the probes have not run yet.
    const abi::Claim claim = lease().claim();
    if (abi::owns(claim.state) && !all_verdicts_known(inputs_))
        return claim.priority;
    const std::int32_t base =
        operator_override(lease()).priority.value_or(static_cast<std::uint8_t>(config_.priority));
    std::int32_t sum = base;
    for (const TrackState& track : inputs_.tracks)
        sum += track.contribution();
    return static_cast<std::uint8_t>(std::clamp(sum, 1, std::max(254, base)));
}

void Group::apply_priority(Cause cause, std::int64_t now_ns) {
    refresh_hindrances(now_ns);
    if (!election_)
        return;
    // A handover is under way; it must not end by a plain resignation.
    if (dataplane_is_stopping_ && election_->state() == State::kHandingOver)
        return;
    const std::uint8_t priority = effective_priority();
    if (priority != election_->priority())
        apply(election_->set_priority(priority, now_ns, cause), now_ns);
}

void Group::on_advert(const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                      const net::ReceivedAdvert& received, std::int64_t now_ns) {
    const vrrp::Advert* const advert =
        adverts_.screen(config_, inputs_, decoded, received.source, now_ns);
    if (advert == nullptr || !election_)
        return;
    const AdvertFilter::Authenticity authenticity =
        adverts_.authenticate(config_, inputs_, received, now_ns);
    if (authenticity == AdvertFilter::Authenticity::kRejected ||
        !adverts_.decides(config_, inputs_, *advert, received.source, authenticity, now_ns))
        return;
    detect_expired_lease(now_ns);
    const vrrp::Decision decision =
        election_->on_advert(*advert, received.source, received.received_ns, now_ns);
    if (decision.discard)
        return adverts_.discard(config_, *decision.discard, advert, received.source, now_ns);
    adverts_.note_accepted(config_, inputs_, *advert, received.source, now_ns);
    apply(decision, now_ns);
}

void Group::on_deadline(std::int64_t now_ns) {
    detect_expired_lease(now_ns);
    if (election_ && now_ns >= election_->deadline_ns())
        apply(election_->on_deadline(now_ns), now_ns);
}

Result<void> Group::hand_over(std::int64_t now_ns) {
    detect_expired_lease(now_ns);
    if (!election_ || election_->state() != State::kActive)
        return Error{"group '" + config_.name + "' is not active here"};
    apply(election_->hand_over(now_ns), now_ns);
    return {};
}

void Group::on_dataplane_stopping(std::int64_t now_ns) {
    detect_expired_lease(now_ns);
    dataplane_is_stopping_ = true;
    if (election_ && election_->state() == State::kActive)
        apply(election_->hand_over(now_ns), now_ns);
    apply_priority(Cause::kDataplane, now_ns);
}

void Group::set_priority(std::optional<std::uint8_t> priority, std::int64_t now_ns) {
    OperatorOverride chosen = operator_override(lease());
    chosen.priority = priority;
    override_operator(chosen, now_ns);
}

void Group::set_enabled(bool enabled, std::int64_t now_ns) {
    OperatorOverride chosen = operator_override(lease());
    chosen.enabled = enabled;
    override_operator(chosen, now_ns);
}

void Group::override_operator(const OperatorOverride& chosen, std::int64_t now_ns) {
    detect_expired_lease(now_ns);
    override_ = chosen;
    restore_override();
    if (election_)
        election_->allow_preempt();
    apply_priority(Cause::kOperator, now_ns);
}

// The dataplane may get tables without this group before it has sent the advert of priority 0, so
// control sends it, too.
void Group::stop(std::int64_t now_ns) {
    if (election_) {
        const vrrp::Decision decision = election_->stop(now_ns);
        apply(decision, now_ns);
        if (decision.resign)
            advert_to_send_ = vrrp::kResignPriority;
    }
    if (LeaseWriter own = lease())
        own.invalidate();
}

std::optional<std::uint8_t> Group::take_advert() {
    return std::exchange(advert_to_send_, std::nullopt);
}

bool Group::sign(std::span<std::uint8_t> payload, const IpAddress& destination,
                 std::int64_t wall_ns) {
    if (!config_.auth_key)
        return true;
    LeaseWriter own = lease();
    if (!own || inputs_.status == nullptr)
        return false;
    const std::uint64_t sequence = abi::take_next_sequence(
        own.last_sequence(), inputs_.status->last_sequence[inputs_.lease], wall_ns);
    return signer_.sign(payload, source(), destination, *config_.auth_key, sequence);
}

// Carries out a decision: the dataplane acts by the lease, and sends the adverts unless it cannot.
void Group::apply(const vrrp::Decision& decision, std::int64_t now_ns) {
    if (LeaseWriter own = lease()) {
        own.write(*election_, decision, expiry_ns(now_ns));
        claim_ = own.claim();
    }
    if (decision.resign && (!inputs_.dataplane_forwards || !lease()))
        advert_to_send_ = vrrp::kResignPriority;
    else if (decision.readvertise && !advert_to_send_)
        advert_to_send_ = election_->priority();
    log_transition(now_ns);
}

void Group::log_transition(std::int64_t now_ns) {
    const State state = election_->state();
    if (state == logged_state_)
        return;
    transitions_.push_front(
        {.at_ns = now_ns, .from = logged_state_, .to = state, .cause = election_->cause()});
    if (transitions_.size() > kTransitionsKept)
        transitions_.pop_back();
    record_({.object = events::Object::kGroup,
             .name = config_.name,
             .change = fmt::format("{} -> {}", name(logged_state_), name(state)),
             .cause = std::string(name(election_->cause()))});
    logged_state_ = state;
}

GroupStatus Group::status(std::int64_t now_ns) const {
    using Authentication = GroupStatus::Authentication;
    const auto age_ms = [now_ns](std::int64_t then_ns) {
        return static_cast<std::uint64_t>((now_ns - then_ns) / kNanosecondsPerMs);
    };
    const Authentication with_key =
        config_.auth_required ? Authentication::kRequired : Authentication::kOptional;
    GroupStatus status{
        .name = config_.name,
        .port = config_.port,
        .id = config_.id,
        .is_v4 = config_.is_v4(),
        .version = config_.version,
        .state = election_ ? election_->state() : State::kDown,
        .cause = election_ ? election_->cause() : Cause::kNone,
        .state_age_ms = election_ ? std::optional(age_ms(election_->since_ns())) : std::nullopt,
        .effective_priority = election_ ? election_->priority() : std::uint8_t{0},
        .configured_priority = static_cast<std::uint8_t>(config_.priority),
        .chosen_priority = operator_override(lease()).priority,
        .hindrances = hindrances_,
        .tracks = inputs_.tracks,
        .advert_interval_ms = config_.advert_interval_ms,
        .source = inputs_.source,
        .authentication = config_.auth_key ? with_key : Authentication::kNone,
        .unverified_adverts = adverts_.unverified(),
        .vips = config_.vips.size(),
        .accept = config_.accept,
        .adverts_received = adverts_.accepted(),
        .discards = adverts_.discards(),
        .warnings = adverts_.warnings(now_ns),
    };
    if (election_ && election_->last_advert()) {
        const vrrp::LastAdvert& last = *election_->last_advert();
        status.last_advert = {.source = last.source,
                              .priority = last.priority,
                              .interval_ms = last.interval_ms,
                              .same_vips = adverts_.last_has_our_vips(),
                              .age_ms = age_ms(last.received_ns)};
    }
    for (const Transition& one : transitions_) {
        status.transitions.push_back(
            {.age_ms = age_ms(one.at_ns), .from = one.from, .to = one.to, .cause = one.cause});
    }
    return status;
}

}  // namespace vipfwd::group
