// SPDX-License-Identifier: Apache-2.0
// The election of the active router of a virtual router: the state machine of RFC 9568 §6.4 (for
// version 2, RFC 3768 §6.4), without sockets and clocks. An election is held over one address
// family (RFC 9568 §1). The dataplane sends the periodic adverts; a Decision says what has to be
// sent out of turn.
//
// All times are nanoseconds of CLOCK_MONOTONIC. "Interval" means the advertisement interval in
// force: that of the peer which a backup follows (§6.1 Active_Adver_Interval), within bounds.
//
// Guarantees, whatever is received:
//  - Once no adverts of an eligible peer arrive any more, a backup takes over within 3 intervals
//    plus skew, which is less than 4 x the longest interval that may be learnt. A late timer adds
//    one interval. Adverts of priority 0 never delay the takeover; adverts of lower priority do so
//    only for preempt_delay_ms. No takeover happens before startup_delay_ms has passed.
//  - After an advert of priority 0, the takeover still waits for the skew time.
//  - An active router announces its VIPs at most once an interval on account of a rival, and once
//    after the last rival.
//  - A router that lost to a better one advertises as a backup at most once an interval, less and
//    less often, until the winner answers, for 30 s at most.
// VRRP has no remedy against forged adverts of higher priority: they keep this router a backup
// (unless adverts are authenticated).
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

struct ElectionSettings {
    std::uint8_t version = 3;
    std::uint8_t id = 0;
    std::uint8_t priority = 100;              // 1 to 255; 0: ineligible until set_priority()
    std::uint32_t advert_interval_ms = 1000;  // version 2: whole seconds
    bool preempt = true;                      // §6.1; an owner (priority 255) always preempts
    std::uint32_t preempt_delay_ms = 0;       // how long a peer of lower priority is tolerated
    std::uint32_t startup_delay_ms = 0;       // no takeover before, even if no peer is heard
    // The longest interval that is learnt from a peer, at least our own; 0: kLearnFactor x our own.
    std::uint32_t max_learnt_interval_ms = 0;
    IpAddress source;  // of our adverts: decides ties, and identifies adverts that loop back
};

// What has to be done now. All false: nothing. The lease follows election_state() and priority().
struct Decision {
    bool advertise = false;      // send one advert at once, with priority()
    bool resign = false;         // send one advert at once, with priority 0
    bool announce = false;       // send gratuitous ARP or unsolicited NA for every VIP
    bool became_active = false;  // answer for the VIPs and advertise from now on
    bool left_active = false;    // stop both; packets that still arrive may be forwarded
    // Send one advert as a backup, with priority(). Control sends it: the dataplane advertises for
    // owners only.
    bool readvertise = false;
    Cause cause = Cause::kNone;
    // Why the received advert was discarded; nothing else is set then.
    std::optional<Discard> discard = {};

    friend bool operator==(const Decision&, const Decision&) = default;
};

// What a restarted control must know to continue the election. It is kept in the lease.
struct ElectionState {
    State state = State::kDown;
    bool may_preempt = true;        // false after a handover
    std::uint32_t interval_ms = 0;  // in force; 0: our own

    friend bool operator==(const ElectionState&, const ElectionState&) = default;
};

// The last advert that was not discarded, as it was sent.
struct LastAdvert {
    IpAddress source;
    std::uint8_t priority = 0;
    std::uint32_t interval_ms = 0;
    std::int64_t received_ns = 0;
};

class Election {
  public:
    // Down until start() or adopt().
    explicit Election(const ElectionSettings& settings);

    // §6.4.1: becomes a backup; an owner (priority 255) without a startup delay becomes active.
    Decision start(std::int64_t now_ns);
    // Used instead of start() if the lease of a former control is still valid. Nothing is sent: an
    // active router stays active, and a backup waits as if an advert had arrived just now. An
    // ineligible active router resigns.
    Decision adopt(const ElectionState& former, std::int64_t now_ns);
    // §6.4.2, §6.4.3. Handles an advert that decode() accepted and that came from a peer.
    // `received_ns` is the kernel's receive time; adverts are passed in the order of arrival. In
    // version 2, an advert whose interval is not ours is discarded (RFC 3768 §7.1).
    Decision on_advert(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                       std::int64_t now_ns);
    // To be called at deadline_ns(), after all adverts received so far went to on_advert(). If it
    // is called more than an interval late, the process was not scheduled and adverts may not have
    // been received either: a backup then waits for one more interval, once, before it takes over.
    Decision on_deadline(std::int64_t now_ns);
    // Changes the priority that is advertised; with 0 the router is ineligible, and an active one
    // resigns. `cause` says why it changed.
    Decision set_priority(std::uint8_t effective, std::int64_t now_ns, Cause cause);
    // Make before break: resigns, but owns the VIPs until a peer advertises. Then it is a backup
    // that does not preempt until it was active again, or allow_preempt() is called. If no peer
    // advertises within 4 intervals, it is active again (kNoSuccessor). Does nothing if not active.
    Decision hand_over(std::int64_t now_ns);
    void allow_preempt() { handed_over_ = false; }
    // Shutdown of §6.4.2 and §6.4.3. Down until start() or adopt().
    Decision stop(std::int64_t now_ns);

    // When to call on_deadline() next; kNever: not at all. Any other call may change it.
    std::int64_t deadline_ns() const { return deadline_ns_; }
    State state() const { return state_; }
    Cause cause() const { return cause_; }               // of the state
    std::int64_t since_ns() const { return since_ns_; }  // when the state was entered
    std::uint8_t priority() const { return priority_; }  // the effective one
    ElectionState election_state() const;
    const std::optional<LastAdvert>& last_advert() const { return last_advert_; }

  private:
    std::optional<Discard> find_discard(const Advert& advert, const IpAddress& source) const;
    bool outranks_us(const Advert& advert, const IpAddress& source) const;
    Decision on_advert_as_backup(const Advert& advert, const IpAddress& source,
                                 std::int64_t received_ns, std::int64_t now_ns);
    Decision on_advert_as_active(const Advert& advert, const IpAddress& source,
                                 std::int64_t received_ns, std::int64_t now_ns);
    Decision on_advert_handing_over(const Advert& advert, std::int64_t received_ns,
                                    std::int64_t now_ns);
    void delay_preemption(const Advert& advert, std::int64_t received_ns);
    Decision become_candidate(std::int64_t now_ns, Cause cause);
    Decision become_active(std::int64_t now_ns, Cause cause);
    Decision become_backup(const Advert& advert, std::int64_t received_ns, std::int64_t now_ns,
                           Cause cause);
    Decision lose_to(const Advert& advert, const IpAddress& source, std::int64_t received_ns,
                     std::int64_t now_ns, Cause cause);
    Decision readvertise_after_loss(const Advert& advert, const IpAddress& source,
                                    std::int64_t received_ns, std::int64_t now_ns);
    Decision go_down(std::int64_t now_ns, Cause cause);
    void enter(State state, std::int64_t now_ns, Cause cause);
    void restart_takeover_timer(std::int64_t from_ns);
    void set_takeover_time(std::int64_t when_ns);
    void learn_interval(std::uint32_t interval_ms);
    bool may_preempt() const;
    std::int64_t own_interval_ns() const;
    std::int64_t interval_ns() const;
    std::int64_t skew_ns() const;
    std::int64_t active_down_ns() const;

    ElectionSettings settings_;
    State state_ = State::kDown;
    Cause cause_ = Cause::kNone;
    std::int64_t since_ns_ = 0;
    std::uint8_t priority_ = 0;
    std::uint32_t interval_ms_ = 0;
    bool running_ = false;
    bool handed_over_ = false;  // and so does not preempt
    std::optional<LastAdvert> last_advert_;

    // As a backup: when to take over. Active: when to announce again. Handing over: when to give up
    // waiting for a successor.
    std::int64_t deadline_ns_ = kNever;

    // As a backup:
    std::int64_t no_takeover_before_ns_ = 0;  // the startup delay
    Cause takeover_cause_ = Cause::kSilence;  // the cause if it takes over at the deadline
    bool waited_after_late_timer_ = false;
    std::optional<std::int64_t> lower_peer_since_ns_;  // a peer of lower priority is tolerated
    // The winner that this router lost to may not have heard its adverts.
    struct Unanswered {
        IpAddress winner;
        std::int64_t received_ns = 0;    // the winner's last advert
        std::int64_t advertised_ns = 0;  // our last advert
        std::int64_t pause_ns = 0;       // until our next one
    };
    std::optional<Unanswered> unanswered_;

    // As active:
    std::int64_t announced_ns_ = 0;  // the last announcement because of a rival
};

}  // namespace vipfwd::vrrp
