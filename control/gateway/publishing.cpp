// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/publishing.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "control/table/arrange.h"
#include "control/table/boot_parameters.h"
#include "control/table/changed_pools.h"
#include "dataplane/abi/clock.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::gateway {
namespace {

table::Counters no_counters() {
    const auto zero = [](std::uint32_t) { return table::CounterValue{}; };
    return {.service = zero, .backend = zero};
}

unsigned ring_threads(const config::Config& config) {
    const unsigned usable = std::max(1u, std::thread::hardware_concurrency());
    return config.control.threads != 0 ? config.control.threads : usable;
}

}  // namespace

Result<int> Publishing::provide_region(abi::Fd handed_back, const config::Config& config) {
    repair(abi::kMaxPools);
    if (!publisher_ && handed_back)
        adopt(std::move(handed_back), config);
    if (!publisher_) {
        Result<table::Publisher> created = table::Publisher::create(table::boot_parameters(config));
        if (!created)
            return created.error();
        publisher_.emplace(std::move(*created));
        spdlog::info("created region {:016x}", publisher_->region().region_id());
    }
    return publisher_->region().fd();
}

void Publishing::adopt(abi::Fd handed_back, const config::Config& config) {
    Result<table::Publisher> adopted = table::Publisher::adopt(std::move(handed_back));
    if (!adopted) {
        spdlog::error(
            "the region that the dataplane handed back is not valid ({}); creating a new "
            "one",
            adopted.error().message);
        return;
    }
    publisher_.emplace(std::move(*adopted));
    publisher_->write_boot_parameters(table::boot_parameters(config));
    pending_ = true;  // configuration or network may have changed in the meantime
    spdlog::info("adopted region {:016x} at generation {}", publisher_->region().region_id(),
                 publisher_->generation());
}

void Publishing::store_boot_parameters(const config::Config& config) {
    if (publisher_)
        publisher_->write_boot_parameters(table::boot_parameters(config));
}

void Publishing::repair(std::size_t pools) {
    if (!publisher_)
        return;
    for (const std::string& part : publisher_->repair(pools))
        spdlog::error("region: something else has changed its {}; writing it anew", part);
}

bool Publishing::watch_region(std::uint64_t rejected_generation) {
    constexpr std::size_t kPoolsAtOnce = 8;  // 1 MiB
    if (!publisher_)
        return false;
    const bool is_rejected =
        rejected_generation != 0 && rejected_generation == publisher_->generation();
    repair(is_rejected ? std::size_t{abi::kMaxPools} : kPoolsAtOnce);
    return publisher_->must_publish() ||
           (publisher_->has_unused_rings() && publisher_->all_acknowledged());
}

// Workers that have not acknowledged the generation in force would not count what it retires.
bool Publishing::run_census(std::int64_t now_ns) {
    if (is_counting_)
        return false;
    if (!publisher_ || !(publisher_->has_retired() || publisher_->has_draining())) {
        if (!draining_flows_->empty())
            draining_flows_ = std::make_shared<const std::vector<table::DrainingFlows>>();
        return false;
    }
    if (awaits_census_) {
        awaits_census_ = !publisher_->census().is_done();
        if (awaits_census_)
            return false;
        draining_flows_ = std::make_shared<const std::vector<table::DrainingFlows>>(
            table::count_draining(watch_, publisher_->census()));
        return publisher_->has_retired();
    }
    if (now_ns >= next_census_ns_ && publisher_->all_acknowledged()) {
        watch_ = table::watch_draining(publisher_->in_force());
        publisher_->request_census(watch_.keys);
        awaits_census_ = true;
        next_census_ns_ = now_ns + kCensusPeriod_ns;
    }
    return false;
}

void Publishing::request_count(std::span<const std::uint32_t> keys) {
    if (std::exchange(awaits_census_, false))
        next_census_ns_ = 0;
    is_counting_ = true;
    publisher_->request_census(keys);
}

abi::BootParameters Publishing::boot_in_force(const config::Config& config,
                                              bool dataplane_is_ready) const {
    const abi::BootParameters configured = table::boot_parameters(config);
    if (!publisher_ || !dataplane_is_ready)
        return configured;
    const abi::BootParameters running = publisher_->region().status().booted;
    return abi::validate(running) ? running : configured;
}

TrialBase Publishing::trial_base() const {
    if (!publisher_)
        return {std::make_shared<const table::Tables>(), {}};
    return {publisher_->shared_tables(), publisher_->census()};
}

Result<table::Build> TrialBase::build(const config::Config& config) const {
    const net::Facts no_facts{
        .ports = {}, .next_hop = [](const IpAddress&) { return std::optional<net::NextHop>(); }};
    return table::build(config, no_facts, *tables, no_counters(), boottime_s(),
                        {.threads = ring_threads(config)}, table::find_unnamed(*tables, census));
}

bool BuiltFrom::differs_in_backends_only(const PublishInputs& now,
                                         const abi::BootParameters& boot_now) const {
    const auto knows_all = [](const PublishInputs& one) {
        return one.choices != nullptr && one.standings != nullptr &&
               one.standings->config == one.config;
    };
    return inputs.config == now.config && inputs.facts.are_same_as(now.facts) &&
           std::memcmp(&boot, &boot_now, sizeof boot) == 0 && knows_all(inputs) && knows_all(now);
}

// Any thread.
Result<table::Build> PublishJob::build() const {
    const net::Facts facts = table::arrange(inputs_.facts, table::boot_parameters(config()), boot_);
    table::RingSupply supply{.references = references_.get(),
                             .region_rings = base_.area->rings,
                             .threads = ring_threads(config())};
    if (trial_) {
        supply.key = trial_->tables.key;
        supply.built = trial_->new_rings;
    }
    const table::Conditions conditions = {.standings = inputs_.standings.get(),
                                          .choices = inputs_.choices.get(),
                                          .followed_writers = inputs_.followed_writers.get(),
                                          .now_ms = boottime_ms()};
    if (before_ == nullptr)
        return table::build(config(), facts, *base_.tables, counters_, boottime_s(), supply,
                            table::find_unnamed(*base_.tables, census_), conditions);
    const table::Conditions before = {.standings = before_->inputs.standings.get(),
                                      .choices = before_->inputs.choices.get(),
                                      .followed_writers = before_->inputs.followed_writers.get()};
    return table::rebuild(config(), facts, *base_.tables, counters_, boottime_s(),
                          table::find_changed_pools(config(), *base_.tables, before, conditions),
                          supply, conditions);
}

void PublishJob::run() {
    Result<table::Build> next = build();
    if (next)
        references_->update(next->tables, next->new_rings);
    if (!next)
        prepared_ = next.error();
    else if (must_publish_ || !table::same(next->tables, *base_.tables))
        prepared_ = table::Publisher::prepare(std::move(*next), base_);
    else
        table::Publisher::release_unused_rings(base_);
}

bool Publishing::dataplane_caught_up(const PublishInputs& inputs) const {
    return !inputs.dataplane_is_connected ||
           (inputs.dataplane_is_ready && publisher_->all_acknowledged());
}

// A dataplane that rejected the generation in force will not catch up with it; it gets the next
// one.
bool Publishing::must_wait(const PublishInputs& inputs) const {
    return publisher_->generation() != 0 && !dataplane_caught_up(inputs) &&
           inputs.rejected_generation != publisher_->generation();
}

std::optional<PublishJob> Publishing::begin(PublishInputs inputs) {
    if (!publisher_)
        return std::nullopt;
    pending_ = !inputs.facts_are_complete || must_wait(inputs);
    if (pending_)
        return std::nullopt;
    const bool is_ready = inputs.dataplane_is_ready;
    const bool is_caught_up = dataplane_caught_up(inputs);
    PublishJob job(*publisher_, is_caught_up, std::move(inputs));
    job.boot_ = boot_in_force(job.config(), is_ready);
    job.references_ = references_;
    job.trial_ = trial_;
    job.must_publish_ = publisher_->generation() == 0 || publisher_->must_publish();
    if (may_rebuild(job))
        job.before_ = built_from_;
    return job;
}

// Retired backends that no flow names any more are given back by a whole build only.
bool Publishing::may_rebuild(const PublishJob& job) const {
    return built_from_ != nullptr && built_from_->tables == job.base_.tables &&
           !publisher_->has_retired() && job.trial_ == nullptr && !job.must_publish_ &&
           built_from_->differs_in_backends_only(job.inputs_, job.boot_);
}

std::optional<std::uint64_t> Publishing::finish(PublishJob job) {
    if (job.trial_ == trial_)
        trial_ = nullptr;
    auto built_from =
        std::make_shared<BuiltFrom>(BuiltFrom{nullptr, std::move(job.inputs_), job.boot_});
    if (!job.prepared_) {
        built_from->tables = job.base_.tables;
        built_from_ = std::move(built_from);
        return std::nullopt;
    }
    if (!*job.prepared_) {
        spdlog::error("tables: {}", job.prepared_->error().message);
        return std::nullopt;
    }
    if (!publisher_->put_in_force(std::move(**job.prepared_))) {
        pending_ = true;
        return std::nullopt;
    }
    built_from->tables = publisher_->shared_tables();
    built_from_ = std::move(built_from);
    spdlog::info("published generation {}", publisher_->generation());
    return publisher_->generation();
}

}  // namespace vipfwd::gateway
