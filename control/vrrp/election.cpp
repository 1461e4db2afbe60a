// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/election.h"

#include <algorithm>
#include <utility>

namespace vipfwd::vrrp {
namespace {

constexpr std::int64_t kMillisecond_ns = 1'000'000;
constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr std::int64_t kPriorityRange = 256;  // RFC 9568 §6.1 Skew_Time
constexpr std::int64_t kMissedAdverts = 3;    // Active_Down_Interval
// A backup that missed our resignation takes over after 3 intervals + skew, which is less.
constexpr std::int64_t kHandoverIntervals = 4;
// By then every owner has announced the VIPs anew by itself.
constexpr std::int64_t kInsistFor_ns = 30 * kSecond_ns;

}  // namespace

Election::Election(const Settings& settings)
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
    yielded_ = false;
    interval_ms_ = settings_.advert_interval_ms;
    not_before_ns_ = now_ns + settings_.startup_delay_ms * kMillisecond_ns;
    if (priority_ == 0)
        return go_down(now_ns, Cause::kStartup);
    return take_part(now_ns, Cause::kStartup);
}

Decision Election::adopt(const Standing& standing, std::int64_t now_ns) {
    if (standing.state == State::kDown || running_)
        return start(now_ns);
    running_ = true;
    yielded_ = !standing.may_preempt;
    not_before_ns_ = now_ns;
    interval_ms_ = settings_.advert_interval_ms;
    if (standing.interval_ms != 0 && standing.state == State::kBackup)
        learn(standing.interval_ms);
    enter(standing.state, now_ns, Cause::kAdopted);
    if (priority_ == 0)
        return go_down(now_ns, Cause::kAdopted);
    if (state_ == State::kBackup)
        follow(now_ns);
    return {.cause = Cause::kAdopted};
}

Decision Election::on_advert(const Advert& advert, const IpAddress& source,
                             std::int64_t received_ns, std::int64_t now_ns) {
    if (const auto discard = refuse(advert, source))
        return {.discard = discard};
    received_ns = std::min(received_ns, now_ns);
    heard_ = Heard{.source = source,
                   .priority = advert.priority,
                   .interval_ms = advert.interval_ms,
                   .received_ns = received_ns};
    switch (state_) {
        case State::kDown:
            if (advert.priority != kResignPriority)
                learn(advert.interval_ms);  // it is whom we will follow
            return {};
        case State::kBackup:
            return hear_as_backup(advert, source, received_ns, now_ns);
        case State::kActive:
            return hear_as_active(advert, source, received_ns, now_ns);
        case State::kHandingOver:
            return hear_handing_over(advert, received_ns, now_ns);
    }
    return {};
}

std::optional<Discard> Election::refuse(const Advert& advert, const IpAddress& source) const {
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

// Of two owners, the one that stays (§6.4.3).
bool Election::is_better(const Advert& advert, const IpAddress& source) const {
    return advert.priority > priority_ ||
           (advert.priority == priority_ && source > settings_.source);
}

Decision Election::hear_as_backup(const Advert& advert, const IpAddress& source,
                                  std::int64_t received_ns, std::int64_t now_ns) {
    if (advert.priority == kResignPriority) {
        // Not the RFC's plain reset: repeated, that would put the takeover off for good.
        take_over_at(std::min(deadline_ns_, received_ns + skew_ns()));
        takeover_cause_ = Cause::kPriorityZero;
        return {};
    }
    if (advert.priority < priority_ && may_preempt()) {
        bear_lower(advert, received_ns);
        return {};
    }
    learn(advert.interval_ms);
    follow(received_ns);
    return insist(advert, source, received_ns, now_ns);
}

// The RFC discards it, and the timer runs on. With a delay we follow the peer while it lasts.
void Election::bear_lower(const Advert& advert, std::int64_t received_ns) {
    takeover_cause_ = Cause::kLowerPriority;
    if (!bearing_lower_since_ns_)
        bearing_lower_since_ns_ = received_ns;
    const std::int64_t until_ns =
        *bearing_lower_since_ns_ + settings_.preempt_delay_ms * kMillisecond_ns;
    if (received_ns >= until_ns)
        return;
    learn(advert.interval_ms);
    take_over_at(std::max(deadline_ns_, std::min(received_ns + active_down_ns(), until_ns)));
}

Decision Election::hear_as_active(const Advert& advert, const IpAddress& source,
                                  std::int64_t received_ns, std::int64_t now_ns) {
    if (advert.priority == kResignPriority)
        return {.advertise = true, .cause = Cause::kPriorityZero};
    if (is_better(advert, source))
        return lose(advert, source, received_ns, now_ns,
                    advert.priority > priority_ ? Cause::kHigherPriority : Cause::kLargerAddress);
    // The rival may announce after it advertised: what we announce now might not be the last word.
    deadline_ns_ = now_ns + own_interval_ns();
    const bool announce = now_ns - announced_ns_ >= own_interval_ns();
    if (announce)
        announced_ns_ = now_ns;
    return {.advertise = true, .announce = announce, .cause = Cause::kLowerPriority};
}

Decision Election::hear_handing_over(const Advert& advert, std::int64_t received_ns,
                                     std::int64_t now_ns) {
    // What was sent before we resigned does not answer it, nor does another resignation.
    if (advert.priority == kResignPriority || received_ns < since_ns_)
        return {};
    yielded_ = true;
    return give_way(advert, received_ns, now_ns, Cause::kHandover);
}

Decision Election::on_time(std::int64_t now_ns) {
    if (now_ns < deadline_ns_)
        return {};
    switch (state_) {
        case State::kDown:
            return {};
        case State::kBackup:
            if (now_ns - deadline_ns_ > interval_ns() && !looked_again_) {
                looked_again_ = true;
                take_over_at(now_ns + interval_ns());
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
        return take_part(now_ns, cause);
    if (state_ == State::kActive)
        return {.advertise = true, .cause = cause};  // a backup may have to preempt now
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

Standing Election::standing() const {
    return {.state = state_, .may_preempt = !yielded_, .interval_ms = interval_ms_};
}

Decision Election::take_part(std::int64_t now_ns, Cause cause) {
    if (priority_ == kOwnerPriority && now_ns >= not_before_ns_)
        return become_active(now_ns, cause);
    enter(State::kBackup, now_ns, cause);
    follow(now_ns);
    if (priority_ == kOwnerPriority)
        take_over_at(not_before_ns_);
    return {.cause = cause};
}

Decision Election::become_active(std::int64_t now_ns, Cause cause) {
    enter(State::kActive, now_ns, cause);
    yielded_ = false;
    interval_ms_ = settings_.advert_interval_ms;
    return {.advertise = true, .announce = true, .became_active = true, .cause = cause};
}

// Not in the RFC: says once more that there was another owner. If the better one has not heard of
// us yet, because what kept us apart has just ended, it would not announce the VIPs again, and what
// we announced would be the last word.
Decision Election::lose(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                        std::int64_t now_ns, Cause cause) {
    Decision decision = give_way(advert, received_ns, now_ns, cause);
    decision.advertise = true;
    unanswered_ = {
        .winner = source, .heard_ns = received_ns, .said_ns = now_ns, .pause_ns = interval_ns()};
    return decision;
}

// The same again, as long as the better one does not hear us though we hear it. One that does
// advertises at once (§6.4.3), out of turn, which is how we know. Each time right after an advert
// of its own, so that an answer cannot be taken for the next one; and never to one that would give
// way to us.
Decision Election::insist(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                          std::int64_t now_ns) {
    if (!unanswered_)
        return {};
    Unanswered& last = *unanswered_;
    const std::int64_t after_ns = received_ns - std::exchange(last.heard_ns, received_ns);
    if (received_ns <= last.said_ns)
        return {};  // it waited while we were asleep
    const bool is_another = std::exchange(last.winner, source) != source;
    const bool is_answer = !is_another && after_ns < interval_ns() * 3 / 4;
    if (is_answer || !is_better(advert, source) || now_ns - since_ns_ > kInsistFor_ns) {
        unanswered_.reset();
        return {};
    }
    if (now_ns - last.said_ns < last.pause_ns - interval_ns() / 2)
        return {};
    last.said_ns = now_ns;
    last.pause_ns = std::min(2 * last.pause_ns, std::max(kSecond_ns, interval_ns()));
    return {.insist = true, .cause = cause_};
}

Decision Election::give_way(const Advert& advert, std::int64_t received_ns, std::int64_t now_ns,
                            Cause cause) {
    enter(State::kBackup, now_ns, cause);
    learn(advert.interval_ms);
    follow(received_ns);
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
    announced_ns_ = now_ns - own_interval_ns();  // a first rival is answered at once
    deadline_ns_ =
        state == State::kHandingOver ? now_ns + kHandoverIntervals * own_interval_ns() : kNever;
}

// As if an advert of the one we follow had come at `from_ns`.
void Election::follow(std::int64_t from_ns) {
    takeover_cause_ = Cause::kSilence;
    bearing_lower_since_ns_.reset();
    looked_again_ = false;
    take_over_at(from_ns + active_down_ns());
}

void Election::take_over_at(std::int64_t when_ns) {
    deadline_ns_ = std::max(when_ns, not_before_ns_);
}

void Election::learn(std::uint32_t interval_ms) {
    interval_ms_ = std::min(interval_ms, settings_.max_learnt_interval_ms);
}

bool Election::may_preempt() const {
    return (settings_.preempt || priority_ == kOwnerPriority) && !yielded_;
}

std::int64_t Election::own_interval_ns() const {
    return settings_.advert_interval_ms * kMillisecond_ns;
}

std::int64_t Election::interval_ns() const {
    return interval_ms_ * kMillisecond_ns;
}

std::int64_t Election::skew_ns() const {
    const std::int64_t range_ns = settings_.version == 2 ? kSecond_ns : interval_ns();
    return (kPriorityRange - priority_) * range_ns / kPriorityRange;
}

std::int64_t Election::active_down_ns() const {
    return kMissedAdverts * interval_ns() + skew_ns();
}

}  // namespace vipfwd::vrrp
