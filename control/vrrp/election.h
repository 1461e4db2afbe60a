// SPDX-License-Identifier: Apache-2.0
// Who is active in a virtual router: the state machine of RFC 9568 §6.4 (RFC 3768 §6.4 for version
// 2), without sockets and clocks. The dataplane sends the periodic adverts; what has to be sent out
// of turn, a Decision says. An election is held over one family (RFC 9568 §1), whatever is decided
// by it.
//
// All times are nanoseconds of CLOCK_MONOTONIC. Below, `interval` is the one in force: that of the
// peer we follow, within bounds (§6.1 Active_Adver_Interval).
//
// Bounds, whatever is received:
//  - Once nobody who may be active is heard any more, a backup takes over within 3 intervals and
//    skew: less than 4 x the longest interval that may be learnt. A late timer adds an interval.
//    Adverts of priority 0 never put it off; those of lower priority only until preempt_delay_ms
//    is over; and it never comes before startup_delay_ms is over.
//  - Adverts of priority 0 do not make it come before skew has passed.
//  - An active one announces at most once an interval, and once after the last rival.
//  - One that lost advertises as a backup at most once an interval, and less and less often, until
//    it is answered, or for half a minute.
// Whoever can forge adverts of higher priority keeps us a backup: VRRP has no remedy.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "control/vrrp/advert.h"
#include "control/vrrp/discard.h"
#include "control/vrrp/state.h"
#include "dataplane/abi/address.h"

namespace vipfwd::vrrp {

inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
inline constexpr std::uint32_t kLearnFactor = 4;

struct Settings {
    std::uint8_t version = 3;
    std::uint8_t id = 0;
    std::uint8_t priority = 100;              // 1 to 255; 0: not eligible yet, until set_priority()
    std::uint32_t advert_interval_ms = 1000;  // version 2: whole seconds
    bool preempt = true;                      // §6.1; an owner (priority 255) always does
    std::uint32_t preempt_delay_ms = 0;       // how long to bear a peer of lower priority
    std::uint32_t startup_delay_ms = 0;       // not active before, whoever is silent
    // The longest interval that may be learnt, at least our own. 0: kLearnFactor x our own.
    std::uint32_t max_learnt_interval_ms = 0;
    IpAddress source;  // what we send from: for ties, and to know our own adverts
};

// What to do now. All false and none: nothing. The lease follows standing() and priority().
struct Decision {
    bool advertise = false;      // one advert at once, with priority()
    bool resign = false;         // one advert at once, with priority 0
    bool announce = false;       // gratuitous ARP or unsolicited NA, for every VIP
    bool became_active = false;  // answers for the VIPs and advertises from now on
    bool left_active = false;    // no longer; what still arrives may be forwarded
    bool insist = false;         // as `advertise`, but of a backup: the dataplane does not send it
    Cause cause = Cause::kNone;
    std::optional<Discard> discard = {};  // the advert counted for nothing; nothing else is set

    friend bool operator==(const Decision&, const Decision&) = default;
};

// What a restarted control must know to go on: kept in the lease.
struct Standing {
    State state = State::kDown;
    bool may_preempt = true;        // not after a handover
    std::uint32_t interval_ms = 0;  // in force; 0: our own

    friend bool operator==(const Standing&, const Standing&) = default;
};

// The last advert that was not discarded, as it was sent.
struct Heard {
    IpAddress source;
    std::uint8_t priority = 0;
    std::uint32_t interval_ms = 0;
    std::int64_t received_ns = 0;
};

class Election {
  public:
    // Down until start() or adopt().
    explicit Election(const Settings& settings);

    // §6.4.1. A backup first, but active at once as owner without startup delay.
    Decision start(std::int64_t now_ns);
    // Instead of start(), if the lease of a control that is gone is still good. Nothing is sent:
    // who was active is, who was a backup waits as if an advert had come just now. If we are not
    // eligible, who was active resigns.
    Decision adopt(const Standing& standing, std::int64_t now_ns);
    // §6.4.2, §6.4.3. An advert that decode() let through and that came from a peer, at
    // `received_ns` by the kernel; in the order in which they came. Version 2: discarded if its
    // interval is not ours (RFC 3768 §7.1).
    Decision on_advert(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                       std::int64_t now_ns);
    // Call at deadline_ns(), after all adverts received so far went to on_advert(). If it comes
    // more than an interval late, we were asleep and so may the socket have been: a backup waits
    // for one more interval, once, before it takes silence for an answer.
    Decision on_time(std::int64_t now_ns);
    // What we advertise from now on; 0 is not eligible: who is active resigns. `cause` says why it
    // changed.
    Decision set_priority(std::uint8_t effective, std::int64_t now_ns, Cause cause);
    // Make before break: resigns, but owns the VIPs until another advertises, and is a backup then
    // that does not preempt until it was active again or allow_preempt(). If nobody does within 4
    // intervals, active again (kNoSuccessor). Nothing if not active.
    Decision hand_over(std::int64_t now_ns);
    void allow_preempt() { yielded_ = false; }
    // §6.4.2, §6.4.3 Shutdown. Down until start() or adopt().
    Decision stop(std::int64_t now_ns);

    // When to call on_time() next; kNever: not at all. Any other call may change it.
    std::int64_t deadline_ns() const { return deadline_ns_; }
    State state() const { return state_; }
    Cause cause() const { return cause_; }               // of the state
    std::int64_t since_ns() const { return since_ns_; }  // in that state
    std::uint8_t priority() const { return priority_; }  // the effective one
    Standing standing() const;
    const std::optional<Heard>& last_heard() const { return heard_; }

  private:
    std::optional<Discard> refuse(const Advert& advert, const IpAddress& source) const;
    bool is_better(const Advert& advert, const IpAddress& source) const;
    Decision hear_as_backup(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                            std::int64_t now_ns);
    void bear_lower(const Advert& advert, std::int64_t received_ns);
    Decision hear_as_active(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                            std::int64_t now_ns);
    Decision hear_handing_over(const Advert& advert, std::int64_t received_ns, std::int64_t now_ns);
    Decision take_part(std::int64_t now_ns, Cause cause);
    Decision become_active(std::int64_t now_ns, Cause cause);
    Decision lose(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                  std::int64_t now_ns, Cause cause);
    Decision insist(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                    std::int64_t now_ns);
    Decision give_way(const Advert& advert, std::int64_t received_ns, std::int64_t now_ns,
                      Cause cause);
    Decision go_down(std::int64_t now_ns, Cause cause);
    void enter(State state, std::int64_t now_ns, Cause cause);
    void follow(std::int64_t from_ns);
    void take_over_at(std::int64_t when_ns);
    void learn(std::uint32_t interval_ms);
    bool may_preempt() const;
    std::int64_t own_interval_ns() const;
    std::int64_t interval_ns() const;
    std::int64_t skew_ns() const;
    std::int64_t active_down_ns() const;

    Settings settings_;
    State state_ = State::kDown;
    Cause cause_ = Cause::kNone;
    std::int64_t since_ns_ = 0;
    std::uint8_t priority_ = 0;
    std::uint32_t interval_ms_ = 0;
    bool running_ = false;
    bool yielded_ = false;  // handed over
    std::optional<Heard> heard_;

    // Backup: when to take over. Active: when to announce again. Handing over: when to stop
    // waiting.
    std::int64_t deadline_ns_ = kNever;
    // Backup.
    std::int64_t not_before_ns_ = 0;          // the startup delay
    Cause takeover_cause_ = Cause::kSilence;  // what it will be
    std::optional<std::int64_t> bearing_lower_since_ns_;
    bool looked_again_ = false;  // after a late timer
    struct Unanswered {
        IpAddress winner;
        std::int64_t heard_ns = 0;  // its last advert
        std::int64_t said_ns = 0;   // ours
        std::int64_t pause_ns = 0;  // until we say it again
    };
    std::optional<Unanswered> unanswered_;  // what we said when we lost
    // Active.
    std::int64_t announced_ns_ = 0;  // because of a rival; or long enough ago
};

}  // namespace vipfwd::vrrp
