// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/election.h"

#include <algorithm>
#include <utility>

#include "dataplane/abi/time_units.h"

namespace vipfwd::vrrp {
namespace {

constexpr std::int64_t kPriorityRange = 256;  // RFC 9568 §6.1 Skew_Time
constexpr std::int64_t kMissedAdverts = 3;    // Active_Down_Interval
// A backup that missed our resignation takes over after 3 intervals + skew, which is shorter.
constexpr std::int64_t kHandoverIntervals = 4;
// By then every owner has announced its VIPs again by itself.
constexpr std::int64_t kReadvertiseFor_ns = 30 * kNanosecondsPerS;

}  // namespace

Election::Election(const ElectionSettings& settings)
    : settings_(settings), priority_(settings.priority), interval_ms_(settings.advert_interval_ms) {
    const std::uint32_t own_ms = settings.advert_interval_ms;
    if (settings_.max_learnt_interval_ms == 0)
        settings_.max_learnt_interval_ms = kLearnFactor * own_ms;
    settings_.max_learnt_interval_ms = std::max(settings_.max_learnt_interval_ms, own_ms);
}

Decision Election::start(std::int64_t now_ns) {
    if (running_)
        return {};
    running_ = true;
    handed_over_ = false;
    interval_ms_ = settings_.advert_interval_ms;
    no_takeover_before_ns_ = now_ns + settings_.startup_delay_ms * kNanosecondsPerMs;
    if (priority_ == 0)
        return go_down(now_ns, Cause::kStartup);
    return become_candidate(now_ns, Cause::kStartup);
}

Decision Election::adopt(const ElectionState& former, std::int64_t now_ns) {
    if (former.state == State::kDown || running_)
        return start(now_ns);
    running_ = true;
    handed_over_ = !former.may_preempt;
    no_takeover_before_ns_ = now_ns;
    interval_ms_ = settings_.advert_interval_ms;
    if (former.interval_ms != 0 && former.state == State::kBackup)
        learn_interval(former.interval_ms);
    enter(former.state, now_ns, Cause::kAdopted);
    if (priority_ == 0)
        return go_down(now_ns, Cause::kAdopted);
    if (state_ == State::kBackup)
        restart_takeover_timer(now_ns);
    return {.cause = Cause::kAdopted};
}

Decision Election::on_advert(const Advert& advert, const IpAddress& source,
                             std::int64_t received_ns, std::int64_t now_ns) {
    if (const auto discard = find_discard(advert, source))
        return {.discard = discard};
    received_ns = std::min(received_ns, now_ns);
    last_advert_ = LastAdvert{.source = source,
                              .priority = advert.priority,
                              .interval_ms = advert.interval_ms,
                              .received_ns = received_ns};
    switch (state_) {
        case State::kDown:
            if (advert.priority != kResignPriority)
                learn_interval(advert.interval_ms);  // of the peer that a backup will follow
            return {};
        case State::kBackup:
            return on_advert_as_backup(advert, source, received_ns, now_ns);
        case State::kActive:
            return on_advert_as_active(advert, source, received_ns, now_ns);
        case State::kHandingOver:
            return on_advert_handing_over(advert, received_ns, now_ns);
    }
    return {};
}

std::optional<Discard> Election::find_discard(const Advert& advert, const IpAddress& source) const {
    if (advert.version != settings_.version)
        return Discard::kVersion;
    if (advert.version == 2 && advert.interval_ms != settings_.advert_interval_ms)
        return Discard::kInterval;
    if (advert.id != settings_.id)
        return Discard::kUnknownId;
    if (source == settings_.source)
        return Discard::kOwnSource;
    return std::nullopt;
}

// Whether the sender stays active if it and we both are (§6.4.3).
bool Election::outranks_us(const Advert& advert, const IpAddress& source) const {
    return advert.priority > priority_ ||
           (advert.priority == priority_ && source > settings_.source);
}

Decision Election::on_advert_as_backup(const Advert& advert, const IpAddress& source,
                                       std::int64_t received_ns, std::int64_t now_ns) {
    if (advert.priority == kResignPriority) {
        // The RFC restarts the timer; repeated adverts of priority 0 would delay the takeover for
        // ever.
        set_takeover_time(std::min(deadline_ns_, received_ns + skew_ns()));
        takeover_cause_ = Cause::kPriorityZero;
        return {};
    }
    if (advert.priority < priority_ && may_preempt()) {
        delay_preemption(advert, received_ns);
        return {};
    }
    learn_interval(advert.interval_ms);
    restart_takeover_timer(received_ns);
    return readvertise_after_loss(advert, source, received_ns, now_ns);
}

// The RFC discards the advert and lets the timer run. With a preemption delay, the peer is followed
// until the delay is over.
void Election::delay_preemption(const Advert& advert, std::int64_t received_ns) {
    takeover_cause_ = Cause::kLowerPriority;
    if (!lower_peer_since_ns_)
        lower_peer_since_ns_ = received_ns;
    const std::int64_t until_ns =
        *lower_peer_since_ns_ + settings_.preempt_delay_ms * kNanosecondsPerMs;
    if (received_ns >= until_ns)
        return;
    learn_interval(advert.interval_ms);
    set_takeover_time(std::max(deadline_ns_, std::min(received_ns + active_down_ns(), until_ns)));
}

Decision Election::on_advert_as_active(const Advert& advert, const IpAddress& source,
                                       std::int64_t received_ns, std::int64_t now_ns) {
    if (advert.priority == kResignPriority)
        return {.advertise = true, .cause = Cause::kPriorityZero};
    if (outranks_us(advert, source))
        return lose_to(
            advert, source, received_ns, now_ns,
            advert.priority > priority_ ? Cause::kHigherPriority : Cause::kLargerAddress);
    // The rival may announce after this advert, so announce again one interval later.
    deadline_ns_ = now_ns + own_interval_ns();
    const bool announce = now_ns - announced_ns_ >= own_interval_ns();
    if (announce)
        announced_ns_ = now_ns;
    return {.advertise = true, .announce = announce, .cause = Cause::kLowerPriority};
}

Decision Election::on_advert_handing_over(const Advert& advert, std::int64_t received_ns,
                                          std::int64_t now_ns) {
    // An advert that was sent before we resigned is no answer, and neither is a resignation.
    if (advert.priority == kResignPriority || received_ns < since_ns_)
        return {};
    handed_over_ = true;
    return become_backup(advert, received_ns, now_ns, Cause::kHandover);
}

Decision Election::on_deadline(std::int64_t now_ns) {
    if (now_ns < deadline_ns_)
        return {};
    switch (state_) {
        case State::kDown:
            return {};
        case State::kBackup:
            if (now_ns - deadline_ns_ > interval_ns() && !waited_after_late_timer_) {
                waited_after_late_timer_ = true;
                set_takeover_time(now_ns + interval_ns());
                return {};
            }
            return become_active(now_ns, takeover_cause_);
        case State::kActive:
            deadline_ns_ = kNever;
            announced_ns_ = now_ns;
            return {.announce = true, .cause = Cause::kLowerPriority};
        case State::kHandingOver:
            enter(State::kActive, now_ns, Cause::kNoSuccessor);
            return {.advertise = true, .cause = Cause::kNoSuccessor};
    }
    return {};
}

Decision Election::set_priority(std::uint8_t effective, std::int64_t now_ns, Cause cause) {
    const bool changes = effective != priority_;
    priority_ = effective;
    if (!running_ || !changes)
        return {};
    if (effective == 0)
        return go_down(now_ns, cause);
    if (state_ == State::kDown)
        return become_candidate(now_ns, cause);
    if (state_ == State::kActive)
        return {.advertise = true, .cause = cause};  // so that a better backup can preempt
    return {};
}

Decision Election::hand_over(std::int64_t now_ns) {
    if (state_ != State::kActive)
        return {};
    enter(State::kHandingOver, now_ns, Cause::kHandover);
    return {.resign = true, .cause = Cause::kHandover};
}

Decision Election::stop(std::int64_t now_ns) {
    if (!running_)
        return {};
    running_ = false;
    return go_down(now_ns, Cause::kStopped);
}

ElectionState Election::election_state() const {
    return {.state = state_, .may_preempt = !handed_over_, .interval_ms = interval_ms_};
}

Decision Election::become_candidate(std::int64_t now_ns, Cause cause) {
    if (priority_ == kOwnerPriority && now_ns >= no_takeover_before_ns_)
        return become_active(now_ns, cause);
    enter(State::kBackup, now_ns, cause);
    restart_takeover_timer(now_ns);
    if (priority_ == kOwnerPriority)
        set_takeover_time(no_takeover_before_ns_);
    return {.cause = cause};
}

Decision Election::become_active(std::int64_t now_ns, Cause cause) {
    enter(State::kActive, now_ns, cause);
    handed_over_ = false;
    interval_ms_ = settings_.advert_interval_ms;
    return {.advertise = true, .announce = true, .became_active = true, .cause = cause};
}

// Not in the RFC: the loser sends one more advert. When a partition has just healed, the winner may
// not have heard the loser yet. Without that advert it would not announce its VIPs again, and the
// loser's announcement would be the last one that switches and neighbors saw.
Decision Election::lose_to(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                           std::int64_t now_ns, Cause cause) {
    Decision decision = become_backup(advert, received_ns, now_ns, cause);
    decision.advertise = true;
    unanswered_ = {.winner = source,
                   .received_ns = received_ns,
                   .advertised_ns = now_ns,
                   .pause_ns = interval_ns()};
    return decision;
}

// Repeats that advert as long as the winner does not seem to hear us (asymmetric partition). A
// winner that hears a rival advertises at once (§6.4.3), so an advert that comes early is the
// answer. We send right after a regular advert of the winner, so that an answer cannot be mistaken
// for the next regular one; and never to a peer that would give way to us.
Decision Election::readvertise_after_loss(const Advert& advert, const IpAddress& source,
                                          std::int64_t received_ns, std::int64_t now_ns) {
    if (!unanswered_)
        return {};
    Unanswered& last = *unanswered_;
    const std::int64_t after_ns = received_ns - std::exchange(last.received_ns, received_ns);
    if (received_ns <= last.advertised_ns)
        return {};  // queued while this process did not run
    const bool is_another = std::exchange(last.winner, source) != source;
    const bool is_answer = !is_another && after_ns < interval_ns() * 3 / 4;
    if (is_answer || !outranks_us(advert, source) || now_ns - since_ns_ > kReadvertiseFor_ns) {
        unanswered_.reset();
        return {};
    }
    if (now_ns - last.advertised_ns < last.pause_ns - interval_ns() / 2)
        return {};
    last.advertised_ns = now_ns;
    last.pause_ns = std::min(2 * last.pause_ns, std::max(kNanosecondsPerS, interval_ns()));
    return {.readvertise = true, .cause = cause_};
}

Decision Election::become_backup(const Advert& advert, std::int64_t received_ns,
                                 std::int64_t now_ns, Cause cause) {
    enter(State::kBackup, now_ns, cause);
    learn_interval(advert.interval_ms);
    restart_takeover_timer(received_ns);
    return {.left_active = true, .cause = cause};
}

Decision Election::go_down(std::int64_t now_ns, Cause cause) {
    const bool owned = owns(state_);
    enter(State::kDown, now_ns, cause);
    return {.resign = owned, .left_active = owned, .cause = cause};
}

void Election::enter(State state, std::int64_t now_ns, Cause cause) {
    state_ = state;
    cause_ = cause;
    since_ns_ = now_ns;
    unanswered_.reset();
    announced_ns_ = now_ns - own_interval_ns();  // so that the first rival is answered at once
    deadline_ns_ =
        state == State::kHandingOver ? now_ns + kHandoverIntervals * own_interval_ns() : kNever;
}

// Behaves as if an advert of the followed peer had arrived at `from_ns`.
void Election::restart_takeover_timer(std::int64_t from_ns) {
    takeover_cause_ = Cause::kSilence;
    lower_peer_since_ns_.reset();
    waited_after_late_timer_ = false;
    set_takeover_time(from_ns + active_down_ns());
}

void Election::set_takeover_time(std::int64_t when_ns) {
    deadline_ns_ = std::max(when_ns, no_takeover_before_ns_);
}

void Election::learn_interval(std::uint32_t interval_ms) {
    interval_ms_ = std::min(interval_ms, settings_.max_learnt_interval_ms);
}

bool Election::may_preempt() const {
    return (settings_.preempt || priority_ == kOwnerPriority) && !handed_over_;
}

std::int64_t Election::own_interval_ns() const {
    return settings_.advert_interval_ms * kNanosecondsPerMs;
}

std::int64_t Election::interval_ns() const {
    return interval_ms_ * kNanosecondsPerMs;
}

std::int64_t Election::skew_ns() const {
    const std::int64_t range_ns = settings_.version == 2 ? kNanosecondsPerS : interval_ns();
    return (kPriorityRange - priority_) * range_ns / kPriorityRange;
}

std::int64_t Election::active_down_ns() const {
    return kMissedAdverts * interval_ns() + skew_ns();
}

}  // namespace vipfwd::vrrp
