// SPDX-License-Identifier: Apache-2.0
// The control process at work. It wires the parts together and decides nothing itself:
//
//   config::load ── plan ─ config_ ─┐
//   net::KernelNetwork ── facts ────┼──> Publishing ── region ── DataplaneLink ── dataplane
//   Readiness ──────────────────────┴──> group::Groups ── leases in the region
//                                          └─ KernelAddressSync ── addresses of the kernel
//
// One pass is update(): observe the dataplane, steer packets to it, let the groups decide, and give
// the kernel the VIPs that are owned. It runs when anything may have changed, and every 50 ms while
// there are groups, which renews their leases.
//
// All decisions are made on the thread of the loop. Reloads, TableRefresh, health checks and large
// answers to clients have a thread each, for what would delay an election.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/api/server.h"
#include "control/config/load.h"
#include "control/events/event_log.h"
#include "control/gateway/change_events.h"
#include "control/gateway/check_way.h"
#include "control/gateway/choice_file.h"
#include "control/gateway/dataplane_link.h"
#include "control/gateway/flow_counter.h"
#include "control/gateway/kernel_address_sync.h"
#include "control/gateway/loss_history.h"
#include "control/gateway/peer_link.h"
#include "control/gateway/poll_history.h"
#include "control/gateway/pool_events.h"
#include "control/gateway/publishing.h"
#include "control/gateway/readiness.h"
#include "control/gateway/reloads.h"
#include "control/gateway/steering.h"
#include "control/gateway/table_refresh.h"
#include "control/gateway/worker_monitor.h"
#include "control/group/address_conflicts.h"
#include "control/group/groups.h"
#include "control/group/peer_commands.h"
#include "control/health/checks.h"
#include "control/loop/background.h"
#include "control/loop/loop.h"
#include "control/net/kernel_network.h"
#include "control/net/netlink_client.h"
#include "control/plan/plan.h"
#include "control/table/pool_writers.h"
#include "control/view/snapshot.h"
#include "control/view/source.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

struct Replay {
    std::string input;
    std::string output;
};

struct Options {
    std::string config_path;
    std::string run_directory;
    // Where what operators have chosen outlives a reboot; empty: it does not.
    std::string state_directory = {};
    std::optional<gid_t> socket_group =
        {};                             // whose members may read the state at the control socket
    std::optional<Replay> replay = {};  // run over captures instead of the configured ports
};

// Loads the configuration that `options` ask for.
config::LoadOutcome load(const Options& options);

class Gateway {
  public:
    // `loaded` has a config.
    Gateway(Loop& loop, Options options, config::LoadOutcome loaded);

    // Opens the sockets in the run directory, which is created if it does not exist.
    Result<void> start();

    // Prepares for the end of control: the kernel keeps owned VIPs for as long as the dataplane
    // does.
    void stop();

    // Loads the configuration again and puts it in force, as far as it can be before the
    // dataplane's next start. If it has an error, or takes service or connections away and is not
    // forced, nothing changes. Calls `answer` when that is done, see TableRefresh::request(), and
    // not before this function returns.
    void reload(plan::Mode mode, Reloads::Answer answer);

    // What the gateway is doing; valid until the loop runs on.
    view::Source view() const;
    // The same for views of many rows; valid as long as the gateway.
    view::Snapshot snapshot();

  private:
    using ConfigPtr = std::shared_ptr<const config::Config>;

    ReloadBase reload_base() const;
    void finish_reload(PlannedReload planned, plan::Mode mode, const Reloads::Answer& answer);
    void apply(ConfigPtr wanted, const std::vector<config::Diagnostic>& diagnostics,
               ConfigPtr in_force);
    void put_in_force(ConfigPtr config);
    api::Handler make_api_handler();

    // Events of the dataplane's connection.
    Result<int> on_dataplane_hello(abi::Fd handed_back);
    void recover_configuration();
    void on_dataplane_stopping();
    void on_dataplane_changed();

    PublishInputs publish_inputs();

    void check_backends();
    void on_network_change();
    void set_choices(health::AdminChoices choices);
    void carry_choices(const config::Config* before);
    void recover_backends();
    void use_check_notes(bool are_recalled);
    void record_early_events();
    Result<void> choose(const health::AdminChange& change, const std::optional<IpAddress>& by,
                        std::function<void()> on_done);
    using ChangeAnswer = std::function<void(Result<std::vector<group::PeerOutcome>>)>;
    void change_backend(const health::AdminChange& change, bool on_all_gateways,
                        const ChangeAnswer& answer);
    void execute(const health::AdminChange& change, const IpAddress& by,
                 const group::PeerCommands::Answer& answer);
    void move_flows_of_overdue();
    bool run_census();
    void on_published(std::uint64_t generation, std::int64_t requested_ns);
    void take_step();
    void await_next_step();
    void on_standings(std::shared_ptr<const health::Standings> standings);

    void update();
    void on_pulse();
    void on_election_due();
    void on_second();
    void observe_conflicts();
    void update_peers();
    bool observe_workers();
    void sync_steering(bool workers_run);
    std::vector<SteeredPort> find_unsteered() const;
    Readiness observe_readiness();
    group::GatewayInputs group_inputs(const Readiness& readiness);
    void record_port_events(const group::GatewayInputs& inputs);
    void sync_rivals();
    void sync_kernel_addresses();

    std::vector<group::GroupStatus> group_status() const;
    bool boot_differs() const;
    view::DataplaneConnection dataplane_connection() const;

    Options options_;
    events::EventLog events_;
    std::int64_t started_at_ns_;              // CLOCK_MONOTONIC
    ConfigPtr wanted_;                        // of the file
    ConfigPtr config_;                        // in force: the same, but for what waits
    std::vector<std::string> warnings_;       // of the file
    std::vector<std::string> reload_errors_;  // of the last reload, if it failed
    std::vector<std::string> waiting_;        // what of wanted_ is not in config_
    net::KernelNetwork network_;
    Publishing publishing_;
    DataplaneLink link_;
    WorkerMonitor worker_monitor_;
    PollHistory poll_history_;
    LossHistory loss_history_;
    PortEvents port_events_;
    Steering steering_;
    bool next_hops_resolved_ = false;                     // once true, it stays true
    std::shared_ptr<const health::Standings> standings_;  // null: there are none yet
    // Of standings before there was a region, which may say something else.
    std::vector<events::Event> early_events_;
    std::shared_ptr<const health::AdminChoices> choices_ =
        std::make_shared<const health::AdminChoices>();
    std::shared_ptr<const table::PoolWriters> followed_writers_ =
        std::make_shared<const table::PoolWriters>();
    ChoiceFile choice_file_;
    std::uint32_t deadlines_seen_s_ = 0;  // of the choices, CLOCK_BOOTTIME
    net::NetlinkClient kernel_;
    KernelAddressSync kernel_addresses_;
    group::Groups groups_;
    group::AddressConflicts conflicts_;
    PeerLink peer_link_;
    std::vector<IpAddress> left_to_rivals_;  // as published last
    Timer pulse_;                            // calls on_pulse()
    Timer second_timer_;                     // for what is looked at once a second
    Timer step_timer_;                       // the next step of a slow start
    PoolEvents pool_events_;
    std::optional<api::Server> server_;
    Loop& loop_;
    FlowCounter flow_counter_;
    // The last members: their threads end first.
    health::Checks checks_;
    CheckWay check_way_;
    TableRefresh tables_;
    Reloads reloads_;
    Background answers_;  // makes what clients are shown
};

}  // namespace vipfwd::gateway
