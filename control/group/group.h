// SPDX-License-Identifier: Apache-2.0
// One group: it holds the election for the group's VIPs and writes the lease by which the dataplane
// acts.
//
// GroupInputs say how the gateway is; find_hindrances() decides whether the group is eligible, and
// with which priority it takes part; the election (control/vrrp) decides on the state; LeaseWriter
// tells the dataplane. The operator can override eligibility and priority. A new control adopts
// state and overrides from the lease of its predecessor.
//
// All times are nanoseconds of CLOCK_MONOTONIC.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "control/config/model.h"
#include "control/events/event.h"
#include "control/group/advert_filter.h"
#include "control/group/eligibility.h"
#include "control/group/group_inputs.h"
#include "control/group/group_status.h"
#include "control/group/lease_writer.h"
#include "control/net/advert_socket.h"
#include "control/vrrp/election.h"
#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/result.h"

namespace vipfwd::group {

class Group {
  public:
    // Transitions of the election are passed to `record`.
    Group(const config::Group& config, events::Record record)
        : config_(config), record_(std::move(record)) {}

    const config::Group& config() const { return config_; }
    const IpAddress& source() const { return inputs_.source; }  // of the group's adverts
    std::uint32_t mtu() const { return inputs_.mtu; }           // of its port
    // Uses another configuration from now on; an owner keeps its VIPs.
    void configure(const config::Group& config, std::int64_t now_ns);

    // The hindrances that the group has with these inputs.
    std::vector<Hindrance> hindrances_with(const GroupInputs& inputs, std::int64_t now_ns) const;

    // Starts or adopts the election, resigns, renews the lease: whatever `inputs` call for. To be
    // called when they may have changed, and often enough to renew the lease within hold_ms.
    void update(const GroupInputs& inputs, std::int64_t now_ns);

    // Handles an advert for the group's id, or counts the reason why it was discarded.
    void on_advert(const std::variant<vrrp::Advert, vrrp::Discard>& decoded,
                   const net::ReceivedAdvert& received, std::int64_t now_ns);
    // To be called at deadline_ns(), after all adverts received so far went to on_advert().
    void on_deadline(std::int64_t now_ns);
    std::int64_t deadline_ns() const { return election_ ? election_->deadline_ns() : vrrp::kNever; }

    // Commands of the operator. An error says why the command cannot be carried out.
    Result<void> hand_over(std::int64_t now_ns);
    void set_priority(std::optional<std::uint8_t> priority, std::int64_t now_ns);
    void set_enabled(bool enabled, std::int64_t now_ns);

    // The dataplane wants to stop: hands over if the group is active, and is ineligible until
    // another dataplane forwards.
    void on_dataplane_stopping(std::int64_t now_ns);
    // Gives the VIPs up for good: the group is not configured any more.
    void stop(std::int64_t now_ns);

    // The priority of an advert that control has to send itself, if there is one, which is then
    // forgotten: 0 if the dataplane cannot resign by itself, or the priority of a backup that
    // advertises once more (vrrp::Decision::readvertise).
    std::optional<std::uint8_t> take_advert();
    // Signs an advert that control sends, if the group has a key. `wall_ns` is CLOCK_REALTIME.
    // False: it must not be sent, as no peer would accept it.
    bool sign(std::span<std::uint8_t> payload, const IpAddress& destination, std::int64_t wall_ns);

    // Whether the group owns its VIPs; nullopt while it may still adopt them from the lease.
    std::optional<bool> owns(std::int64_t now_ns) const;

    // Nullopt: the group is not active by that lease.
    std::optional<ActiveGroup> active_by(std::uint16_t lease) const;

    // Without kernel_address, which Groups does not know.
    GroupStatus status(std::int64_t now_ns) const;

  private:
    struct Transition {
        std::int64_t at_ns = 0;
        vrrp::State from = vrrp::State::kDown;
        vrrp::State to = vrrp::State::kDown;
        vrrp::Cause cause = vrrp::Cause::kNone;
    };

    void restore_override();
    void override_operator(const OperatorOverride& chosen, std::int64_t now_ns);
    OperatorOverride operator_override(const LeaseWriter& lease) const;
    Participation participation(const LeaseWriter& lease, std::int64_t now_ns) const;
    void refresh_hindrances(std::int64_t now_ns);
    std::uint8_t effective_priority() const;
    void apply_priority(vrrp::Cause cause, std::int64_t now_ns);

    void start_if_possible(std::int64_t now_ns);
    void replace_election(std::int64_t now_ns);
    void restore_claim();
    void detect_expired_lease(std::int64_t now_ns);
    void apply(const vrrp::Decision& decision, std::int64_t now_ns);
    void log_transition(std::int64_t now_ns);

    LeaseWriter lease() const { return {inputs_.leases, inputs_.lease}; }
    std::int64_t expiry_ns(std::int64_t now_ns) const;

    config::Group config_;
    events::Record record_;
    GroupInputs inputs_;
    std::optional<abi::Claim> claim_;  // as last written to the lease
    std::vector<Hindrance> hindrances_;
    std::optional<vrrp::Election> election_;
    std::optional<std::uint8_t> advert_to_send_;  // see take_advert()
    bool dataplane_is_stopping_ = false;
    std::optional<OperatorOverride> override_;  // nullopt: neither chosen yet, nor restored

    vrrp::State logged_state_ = vrrp::State::kDown;
    std::deque<Transition> transitions_;  // the last ones, newest first
    AdvertFilter adverts_;
    abi::AdvertSigner signer_;
};

}  // namespace vipfwd::group
