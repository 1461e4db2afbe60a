// SPDX-License-Identifier: Apache-2.0
// The region and what is published in it: hands the region to a dataplane that connects, takes over
// the region of one that survived a restart of control, and publishes a new generation whenever
// configuration or network facts have changed.
//
// Building tables takes long if there are many backends: begin() and finish() are for the loop, and
// run() between them is for any thread (control/gateway/table_refresh.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "control/config/model.h"
#include "control/health/admin.h"
#include "control/health/standing.h"
#include "control/net/facts.h"
#include "control/table/build.h"
#include "control/table/draining_flows.h"
#include "control/table/publish.h"
#include "control/table/reference_rings.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

// What a generation is built from. Any thread may use it.
struct PublishInputs {
    std::shared_ptr<const config::Config> config;  // in use
    net::Facts facts;                              // of the ports in that configuration
    std::shared_ptr<const health::Standings> standings = nullptr;          // null: not known yet
    std::shared_ptr<const health::AdminChoices> choices = nullptr;         // null: as before
    std::shared_ptr<const table::PoolWriters> followed_writers = nullptr;  // null: none
    // Incomplete facts would take next hops away from backends.
    bool facts_are_complete = false;
    // The dataplane, if one is connected.
    bool dataplane_is_connected = false;
    bool dataplane_is_ready = false;        // its ports are open and its workers run
    std::uint64_t rejected_generation = 0;  // that it has rejected; 0: none
};

// What the tables in force were built from.
struct BuiltFrom {
    std::shared_ptr<const table::Tables> tables;
    PublishInputs inputs;
    abi::BootParameters boot;

    // Whether only what is known of backends differs, so that few pools have to be built anew.
    bool differs_in_backends_only(const PublishInputs& now,
                                  const abi::BootParameters& boot_now) const;
};

// Builds the tables of a configuration without publishing them, on any thread.
struct TrialBase {
    std::shared_ptr<const table::Tables> tables;  // in force
    table::Census census = {};

    // Next hops are left out. An error says which limit the tables exceed.
    Result<table::Build> build(const config::Config& config) const;
};

// One generation on its way.
class PublishJob {
  public:
    // Builds the tables and writes them to the region. Any thread.
    void run();
    const config::Config& config() const { return *inputs_.config; }
    // Whether it takes its rings from a trial.
    bool follows_reload() const { return trial_ != nullptr; }

  private:
    friend class Publishing;

    Result<table::Build> build() const;

    PublishJob(table::Publisher& publisher, bool readers_caught_up, PublishInputs inputs)
        : base_(publisher.begin(readers_caught_up)),
          counters_(publisher.counters()),
          census_(publisher.census()),
          inputs_(std::move(inputs)) {}

    table::Publisher::Base base_;
    table::Counters counters_;
    table::Census census_;
    PublishInputs inputs_;
    abi::BootParameters boot_{};  // in force
    std::shared_ptr<table::ReferenceRings> references_;
    std::shared_ptr<const table::Build> trial_;  // null: none
    std::shared_ptr<const BuiltFrom> before_;    // null: all is built
    bool must_publish_ = false;                  // even if the tables are in force already
    // The outcome; none: the tables are in force already.
    std::optional<Result<table::Publisher::Prepared>> prepared_;
};

class Publishing {
  public:
    // The fd of the region that a dataplane is to use. `handed_back` is the region that it already
    // has, if any: it is adopted if control has none and its contents are valid. A new region is
    // created if there is none at all. What is damaged in the region is repaired, see
    // watch_region().
    Result<int> provide_region(abi::Fd handed_back, const config::Config& config);

    // Call it every second. Restores what something else has changed in the region, and logs it.
    // True if refresh() has to publish for that, or if no worker reads the replaced rings any more,
    // so that refresh() can give back their memory. Reads some rings at each call, and all of them
    // if the dataplane has rejected the generation in force (0: none).
    bool watch_region(std::uint64_t rejected_generation);

    // Call it every second. While there are retired or draining backends, asks the workers every
    // kCensusPeriod_ns which ones their flows name. True if they have answered and some are
    // retired: refresh() then removes or reuses those that no flow names.
    bool run_census(std::int64_t now_ns);

    // Asks the workers to count the flows by these keys (table::FlowCounting::next_round()) in a
    // census of their own, whose answer is publisher()->census(). Until end_count() there are no
    // other ones; one that was not answered is repeated then. Requires a publisher.
    void request_count(std::span<const std::uint32_t> keys);
    void end_count() { is_counting_ = false; }

    // Of the draining backends, as of the last census. Never null.
    const std::shared_ptr<const std::vector<table::DrainingFlows>>& draining_flows() const {
        return draining_flows_;
    }

    static constexpr std::int64_t kCensusPeriod_ns = 10 * kNanosecondsPerS;

    // Writes the parameters for the next start of a dataplane, if there is a region.
    void store_boot_parameters(const config::Config& config);

    // What the tables in force are. Any thread may read it.
    TrialBase trial_base() const;

    // The rings of `trial` are not built again for the tables of that configuration.
    void use_rings(std::shared_ptr<const table::Build> trial) { trial_ = std::move(trial); }

    // Begins to publish the tables that `inputs` call for. If the dataplane has not caught up with
    // the generation in force, or the facts are incomplete, or there is no region, there is no job;
    // pending() says whether to call it again when that changes.
    std::optional<PublishJob> begin(PublishInputs inputs);
    // Puts in force what the job has prepared. Returns the new generation; none: the tables are in
    // force already, or there is an error, which is logged.
    std::optional<std::uint64_t> finish(PublishJob job);
    bool pending() const { return pending_; }

    // The parameters that the running dataplane was started with, or those that one started now
    // would get.
    abi::BootParameters boot_in_force(const config::Config& config, bool dataplane_is_ready) const;

    // Null while there is no region: no dataplane has connected yet.
    const table::Publisher* publisher() const { return publisher_ ? &*publisher_ : nullptr; }
    table::Publisher* publisher() { return publisher_ ? &*publisher_ : nullptr; }
    const abi::DataplaneStatus* status() const {
        return publisher_ ? &publisher_->region().status() : nullptr;
    }

  private:
    void adopt(abi::Fd handed_back, const config::Config& config);
    void repair(std::size_t pools);
    bool may_rebuild(const PublishJob& job) const;
    bool dataplane_caught_up(const PublishInputs& inputs) const;
    bool must_wait(const PublishInputs& inputs) const;

    std::optional<table::Publisher> publisher_;
    bool pending_ = false;
    // Only the job may use them while there is one.
    std::shared_ptr<table::ReferenceRings> references_ = std::make_shared<table::ReferenceRings>();
    std::shared_ptr<const table::Build> trial_;    // null: none, or its rings are in force
    std::shared_ptr<const BuiltFrom> built_from_;  // null: not known
    bool awaits_census_ = false;
    bool is_counting_ = false;    // until end_count()
    table::DrainingWatch watch_;  // of the last request
    std::shared_ptr<const std::vector<table::DrainingFlows>> draining_flows_ =
        std::make_shared<const std::vector<table::DrainingFlows>>();
    std::int64_t next_census_ns_ = 0;
};

}  // namespace vipfwd::gateway
