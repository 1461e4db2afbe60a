// SPDX-License-Identifier: Apache-2.0
// The control process at work: configuration and network facts in, generations out.
//
//   config::load ──> config_ ──┐
//   net::KernelNetwork ── facts ────┼─ table::build ── table::Publisher ── region ── dataplane
//   region's generation ───────┘                       └ DataplaneLink announces and listens
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/api/dispatch.h"
#include "control/api/server.h"
#include "control/config/load.h"
#include "control/gateway/dataplane_link.h"
#include "control/gateway/groups.h"
#include "control/gateway/kernel_addresses.h"
#include "control/gateway/steering.h"
#include "control/gateway/workers_watch.h"
#include "control/loop/loop.h"
#include "control/net/kernel_network.h"
#include "control/net/netlink_client.h"
#include "control/table/publish.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

struct Replay {
    std::string input;
    std::string output;
};

struct Options {
    std::string config_path;
    std::string run_directory;
    std::optional<Replay> replay;  // run over captures instead of the configured ports
};

// The configuration as `options` ask for it.
config::LoadOutcome load(const Options& options);

class Gateway {
  public:
    // `loaded` has a config.
    Gateway(Loop& loop, Options options, config::LoadOutcome loaded);

    // Opens the sockets in the run directory, which it makes if need be.
    Result<void> start();

    // What there is to do before control ends: the kernel's interfaces keep the VIPs for as long as
    // the dataplane does.
    void stop();

    // Reads the configuration again. With an error in it, everything stays as it was.
    std::vector<config::Diagnostic> reload();

  private:
    // The parts of a state that change together, all or none.
    void use(config::LoadOutcome loaded);

    Result<int> give_region(abi::Fd handed_back);
    void take_region(abi::Fd handed_back);
    // What the dataplane was started with, or would be.
    abi::BootParameters running_boot() const;
    Result<table::Build> build(const config::Config& config) const;
    // Publishes what config and network now say, if it is new; later, if the dataplane has not
    // caught up yet.
    void refresh();
    bool readers_caught_up() const;
    bool must_wait() const;
    void dataplane_changed();
    Verdict link(std::size_t port) const;
    std::vector<SteeredPort> steered_ports() const;
    void steer();
    Groups::View view_for_groups();
    // Makes the kernel have the VIPs that are owned here, of groups with kernel_address.
    void keep_kernel_addresses();
    void look_again();
    std::vector<api::GroupDescription> describe_groups() const;
    // It moves packets, with tables in force, and no worker hangs.
    bool workers_work();
    // And the VIPs' packets get to it.
    bool dataplane_works();
    // What comes for a VIP can be passed on: once all backends' next hops are in force, or were
    // waited for in vain, true for good.
    bool next_hops_known();
    api::State state() const;
    api::DataplaneLink describe_dataplane() const;

    Loop& loop_;
    Options options_;
    std::int64_t started_at_ns_;  // CLOCK_MONOTONIC
    config::Config config_;
    std::vector<std::string> warnings_;
    std::optional<table::Publisher> publisher_;  // from the first dataplane's hello on
    bool publish_pending_ = false;
    bool next_hops_known_ = false;
    net::KernelNetwork next_hops_;
    DataplaneLink link_;
    WorkersWatch workers_watch_;
    Steering steering_;
    Timer steer_again_;  // what others do to the programs is noticed
    net::NetlinkClient kernel_;
    KernelAddresses kernel_addresses_;
    std::optional<std::vector<LocalVips>> kept_vips_;  // nothing: the kernel's are to be looked at
    Timer put_back_;                                   // the kernel says that they may have changed
    Timer keep_again_;                                 // what is not done, or failed
    Groups groups_;
    std::optional<api::Server> server_;
};

}  // namespace vipfwd::gateway
