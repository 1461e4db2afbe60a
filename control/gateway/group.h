// SPDX-License-Identifier: Apache-2.0
// One group: its election, and the lease in the region by which the dataplane acts.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "control/api/state.h"
#include "control/config/model.h"
#include "control/gateway/tracks.h"
#include "control/net/advert_socket.h"
#include "control/vrrp/authenticate.h"
#include "control/vrrp/election.h"
#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/lease.h"

namespace vipfwd::gateway {

// What a group goes by, as it is now.
struct Situation {
    abi::LeaseArea* leases = nullptr;              // of the region; null: there is none yet
    const abi::DataplaneStatus* status = nullptr;  // the same
    std::uint16_t lease = abi::kNoGroup;           // the group's; kNoGroup: not in force yet
    IpAddress source;                     // of the group's adverts; none: they cannot be sent
    std::uint32_t mtu = 0;                // of its port: how many VIPs an advert lists
    bool dataplane_works = false;         // it runs, with tables in force, and none of it hangs
    bool next_hops_known = true;          // to backends; or they were waited for in vain
    Verdict link = Verdict::kUnknown;     // of its port
    std::vector<TrackState> tracks = {};  // as configured
    std::string set_hindrance = {};  // another group of its set that takes no part; empty: none
};

// The operator's. They outlive control, in GroupLease::operator_override.
struct Orders {
    bool enabled = true;
    std::optional<std::uint8_t> priority;
};

class Group {
  public:
    explicit Group(const config::Group& config) : config_(config) {
        warned_of_ns_.fill(kLongAgo_ns);
    }

    const config::Group& config() const { return config_; }
    const IpAddress& source() const { return situation_.source; }  // of its adverts
    // Takes over what is configured now. Who owns the VIPs goes on to.
    void configure(const config::Group& config, std::int64_t now_ns);

    // Whether it would take no part in this situation, whatever becomes of the others of its set.
    bool is_hindered(const Situation& situation) const;

    // Starts, adopts, resigns, renews the lease: whatever the situation asks for. To be called when
    // it may have changed, and often enough to keep the lease from running out.
    void follow(const Situation& situation, std::int64_t now_ns);

    // An advert for this group's id, or the reason why it is none.
    void hear(const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
              const net::ReceivedAdvert& received, std::int64_t now_ns);
    // Call at deadline_ns(), after all that has been received was heard.
    void on_time(std::int64_t now_ns);
    std::int64_t deadline_ns() const { return election_ ? election_->deadline_ns() : vrrp::kNever; }

    // The operator's. An error says why it cannot be.
    Result<void> hand_over(std::int64_t now_ns);
    // The dataplane wants to stop: hands over if it owns the VIPs, and takes no part any more until
    // another dataplane works.
    void leave(std::int64_t now_ns);
    void set_priority(std::optional<std::uint8_t> priority, std::int64_t now_ns);
    void set_enabled(bool enabled, std::int64_t now_ns);
    // Gives the VIPs up for good.
    void stop(std::int64_t now_ns);

    // The priority of an advert that is to be sent past the dataplane, if there is one to be: 0
    // where it cannot, and that of a backup which insists. Clears it.
    std::optional<std::uint8_t> take_advert();
    // Completes an advert of source() that is not the dataplane's, if the group has a key.
    // `wall_ns` is CLOCK_REALTIME. False: it cannot, and nobody would take the advert.
    bool sign(std::span<std::uint8_t> payload, const IpAddress& destination, std::int64_t wall_ns);

    // Whether it owns its VIPs; nothing while it may yet adopt what the lease says.
    std::optional<bool> owns(std::int64_t now_ns) const;

    api::GroupDescription describe(std::int64_t now_ns) const;

  private:
    static constexpr std::int64_t kBetweenWarnings_ns = 10'000'000'000;  // of one kind
    static constexpr std::int64_t kLongAgo_ns = std::numeric_limits<std::int64_t>::min() / 2;

    struct Transition {
        std::int64_t at_ns = 0;
        vrrp::State from = vrrp::State::kDown;
        vrrp::State to = vrrp::State::kDown;
        vrrp::Cause cause = vrrp::Cause::kNone;
    };

    void obey(const Orders& orders, std::int64_t now_ns);
    void keep_orders();
    void begin(std::int64_t now_ns);
    void rebuild(std::int64_t now_ns);
    void notice_lapse(std::int64_t now_ns);
    void renew(std::int64_t now_ns);
    std::uint64_t expiry_ns(std::int64_t now_ns) const;
    void weigh(vrrp::Cause cause, std::int64_t now_ns);
    // As given, or else as found in the lease.
    Orders orders(const abi::GroupLease* lease) const;
    bool enabled() const { return orders(lease()).enabled; }
    std::optional<std::uint8_t> chosen_priority() const { return orders(lease()).priority; }
    std::uint8_t effective_priority() const;
    bool is_eligible() const {
        return !is_hindered(situation_) && situation_.set_hindrance.empty();
    }
    bool all_is_known() const;
    vrrp::Authentication judge(const net::ReceivedAdvert& received);
    bool is_authentic(const net::ReceivedAdvert& received, std::int64_t now_ns);
    void discard(vrrp::Discard why) { ++discards_[static_cast<std::size_t>(why)]; }
    void compare_vips(const vrrp::Advert& advert, const IpAddress& source, std::int64_t now_ns);
    void act(const vrrp::Decision& decision, std::int64_t now_ns);
    void write_lease(const vrrp::Decision& decision, std::int64_t now_ns);
    void note(std::int64_t now_ns);
    abi::GroupLease* lease() const { return lease_in(situation_); }
    static abi::GroupLease* lease_in(const Situation& situation);

    config::Group config_;
    Situation situation_;
    std::optional<vrrp::Election> election_;
    std::optional<std::uint8_t> advert_;  // see take_advert()
    bool leaving_ = false;
    std::optional<Orders> orders_;  // nothing: neither given yet, nor found in a lease

    vrrp::State seen_ = vrrp::State::kDown;  // that has been noted
    std::deque<Transition> transitions_;     // the last ones, newest first
    std::vector<IpAddress> heard_vips_;      // that the last advert listed
    bool heard_same_vips_ = true;            // as ours would
    std::int64_t warned_of_vips_ns_ = kLongAgo_ns;
    abi::AdvertSigner signer_;
    std::array<std::int64_t, vrrp::kDiscardCount> warned_of_ns_;  // by Discard
    std::uint64_t unverified_ = 0;  // adverts that count, though they are not authentic
    std::uint64_t adverts_received_ = 0;
    std::array<std::uint64_t, vrrp::kDiscardCount> discards_{};
};

}  // namespace vipfwd::gateway
