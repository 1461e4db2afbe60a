// SPDX-License-Identifier: Apache-2.0
// All groups of this gateway. The gateway calls update() when anything may have changed and at
// least every 50 ms, and run_elections() when adverts have arrived or a deadline of an election is
// due.
//
//   GatewayInputs ── update() ─────────> GroupInputs, sync sets ──> Group::update()  ──> leases
//   sockets ── run_elections() ── drain ──────────────────────────> Group::on_advert()
//   timer ──── run_elections() ───────────────────────────────────> Group::on_deadline()
//
// What control has to advertise by itself, because the dataplane cannot, is sent at the end of
// each, and the gateway is told that leases have changed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/config/model.h"
#include "control/events/event.h"
#include "control/group/advert_listeners.h"
#include "control/group/group.h"
#include "control/group/kernel_addresses.h"
#include "control/group/rival_claims.h"
#include "control/group/tracks.h"
#include "control/loop/loop.h"
#include "control/net/facts.h"
#include "control/table/build.h"

namespace vipfwd::group {

// The state of a configured port, as far as groups depend on it.
struct PortInputs {
    net::PortFacts facts;
    Verdict link = Verdict::kUnknown;
    std::string closed = {};     // why the dataplane has closed the port; empty: it has not
    std::string interface = {};  // of the kernel; empty: there is none (yet)
};

// The state of the gateway, as far as groups depend on it.
struct GatewayInputs {
    abi::LeaseArea* leases = nullptr;              // null: there is no region yet
    const abi::DataplaneStatus* status = nullptr;  // null: there is no region yet
    const table::Tables* in_force = nullptr;       // null: there is no region yet
    bool dataplane_forwards = false;
    bool next_hops_resolved = true;  // those of all backends, or waiting for them timed out
    bool health_known = true;        // of all backends, or waiting for that timed out
    std::vector<PortInputs> ports;   // in the order of the configuration
};

class Groups {
  public:
    // Called from the loop; the gateway answers them as follows.
    struct Events {
        std::function<void()> election_due;   // run_elections()
        std::function<void()> track_changed;  // update()
        // A lease may have changed: wake the worker that reads them.
        std::function<void()> leases_changed;
        events::Record record;
    };

    Groups(Loop& loop, Events events);
    Groups(const Groups&) = delete;
    Groups& operator=(const Groups&) = delete;

    // Takes over another configuration. A group that is not configured any more gives its VIPs up;
    // the others keep theirs. update() must follow.
    void configure(const config::Config& config);
    bool empty() const { return members_.empty(); }

    void update(const GatewayInputs& inputs);
    void run_elections();

    // The dataplane wants to stop: all active groups hand over.
    void on_dataplane_stopping();

    // Commands of the operator; update() must follow, since other groups of a sync_set may be
    // affected. An error says why the command cannot be carried out. hand_over() also hands over
    // the other active groups of the same sync_set.
    Result<void> hand_over(const std::string& name);
    Result<void> set_priority(const std::string& name, std::optional<std::uint8_t> priority);
    Result<void> set_enabled(const std::string& name, bool enabled);

    // The group with that lease; nullopt: it is not active here, or is about to hand over.
    std::optional<ActiveGroup> active_by(std::uint16_t lease) const;

    std::vector<GroupStatus> status() const;  // in the order of the configuration
    // The VIPs that this gateway must not answer for although it may own their group, sorted: see
    // RivalClaims.
    std::vector<IpAddress> left_to_rivals() const;
    // The VIPs of the groups with kernel_address, and whether they are owned.
    std::vector<LocalVips> local_vips() const;

  private:
    struct Member {
        std::unique_ptr<Group> group;
        ListenPoint listen_point;
    };

    GroupInputs inputs_of(const config::Group& group, const GatewayInputs& inputs) const;
    void add_sync_set_blockers(std::vector<GroupInputs>& inputs, std::int64_t now_ns) const;
    void receive_adverts();
    void dispatch(const ListenPoint& point, const net::ReceivedAdvert& received);
    void send_adverts_and_rearm();
    void report_lease_changes();
    void send_advert_of(Member& member);
    Result<Group*> find(const std::string& name) const;
    void request_realtime();

    std::vector<Member> members_;  // in the order of the configuration
    AdvertListeners listeners_;
    RivalClaims rivals_;
    Tracks tracks_;
    Timer deadline_;
    std::function<void()> on_leases_changed_;
    events::Record record_;
    const abi::LeaseArea* leases_ = nullptr;  // null: there is no region yet
    std::uint64_t reported_changes_ = 0;      // LeaseArea::changes, as last reported
    bool realtime_requested_ = false;
};

}  // namespace vipfwd::group
