// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/dataplane.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "dataplane/abi/clock.h"
#include "dataplane/host/eal_arguments.h"
#include "dataplane/host/stop_signal.h"

namespace vipfwd::io {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWaitForRegion(100);
constexpr milliseconds kPollPeriod(10);
constexpr milliseconds kSettlingPollPeriod(1);  // while workers change to another snapshot
constexpr milliseconds kReportPeriod(100);
constexpr milliseconds kLongestHandover(10'000);
constexpr milliseconds kLinger(200);  // for packets sent before the new owner was announced
constexpr int kTakeAttempts = 3;      // if control is writing; then again after a poll period

std::vector<host::PortReading> read_ports(const Forwarder& forwarder) {
    std::vector<host::PortReading> readings;
    for (const auto& port : forwarder.ports())
        readings.push_back(port->read());
    return readings;
}

// Resets what a previous dataplane may have left in the region, except counters, which continue.
// The fragments that it held are lost.
void begin_status(abi::DataplaneStatus& status, const abi::BootParameters& boot,
                  std::uint64_t started_at_s) {
    for (abi::WorkerStatus& worker : status.workers) {
        worker.heartbeat_ns.store(0);
        worker.generation.store(0);
        worker.counters.held.set(0);
    }
    for (abi::PortStatus& port : status.ports)
        port.state.store(static_cast<std::uint64_t>(abi::PortState::kAbsent));
    status.rejected_generation.store(0);
    status.started_at_s.store(started_at_s);
    status.booted = boot;
    status.pid.store(static_cast<std::uint64_t>(getpid()));
}

}  // namespace

Dataplane::Dataplane(const std::string& run_directory)
    : run_directory_(run_directory), link_(run_directory), started_at_s_(boottime_s()) {}

Result<void> Dataplane::run() {
    wait_for_region();
    if (host::stop_requested())
        return {};
    const host::BootPlan plan = host::read_boot(boot_);
    Result<std::unique_ptr<Forwarder>> forwarder =
        Forwarder::open(plan, host::file_prefix(plan.gateway, run_directory_), run_directory_);
    if (!forwarder)
        return forwarder.error();
    forwarder_ = std::move(*forwarder);
    enter_region(std::move(region_));
    while (!prepare_stop() && !forwarder_->finished()) {
        if (Result<void> taken = take_generation(); !taken)
            return taken;
        finish_change();
        report();
        link_.keep_connected(region_->fd());
        link_.wait(settled_ ? kPollPeriod : kSettlingPollPeriod);
        if (std::optional<abi::Fd> fd = link_.take_region())
            handle_region(std::move(*fd));
    }
    sd_notify(0, "STOPPING=1");
    leave_region();
    return forwarder_->stop();
}

void Dataplane::wait_for_region() {
    while (!region_ && !host::stop_requested()) {
        link_.keep_connected(-1);
        link_.wait(kWaitForRegion);
        if (std::optional<abi::Fd> fd = link_.take_region())
            handle_region(std::move(*fd));
    }
}

// Control has answered hello with a region.
void Dataplane::handle_region(abi::Fd fd) {
    if (Result<void> accepted = accept_region(std::move(fd)); !accepted)
        return link_.drop(accepted.error().message);
    if (!forwarder_)
        return;
    spdlog::info("connected to control");
    if (rejected_)
        taken_word_ = 0;  // judge the generation again, and tell this control
    if (ready_)
        send_ready();
    if (stop_by_)
        link_.send(abi::MessageKind::kLeaving);
}

Result<void> Dataplane::accept_region(abi::Fd fd) {
    Result<abi::RegionMapping> mapping =
        abi::RegionMapping::map(std::move(fd), abi::RegionSide::kDataplane);
    if (!mapping)
        return mapping.error();
    if (region_ && region_->region_id() == mapping->region_id())
        return {};
    const Result<abi::BootParameters> boot = host::copy_boot(mapping->control());
    if (!boot)
        return boot.error();
    auto region = std::make_shared<abi::RegionMapping>(std::move(*mapping));
    if (forwarder_) {
        spdlog::warn("control has made another region: using that one from now on");
        enter_region(std::move(region));
        return {};
    }
    boot_ = *boot;
    seen_boot_checksum_ = boot_.checksum;
    region_ = std::move(region);
    return {};
}

// Takes generations from this region from now on. Until its first generation is in force, the
// workers use the previous region, and count there.
void Dataplane::enter_region(Region region) {
    region_ = std::move(region);
    rings_ = abi::RingCheck();
    taken_word_ = 0;
    rejected_ = false;
    abi::DataplaneStatus& status = region_->status_for_writing();
    begin_status(status, boot_, started_at_s_);
    port_status_.begin(status, read_ports(*forwarder_));
    facts_ = forwarder_->facts();
}

void Dataplane::warn_if_boot_changed() {
    const std::uint64_t checksum = region_->control().boot.checksum;
    if (checksum == seen_boot_checksum_)
        return;
    const Result<abi::BootParameters> boot = host::copy_boot(region_->control());
    if (!boot)
        return;
    seen_boot_checksum_ = checksum;
    if (std::memcmp(&*boot, &boot_, sizeof boot_) != 0) {
        spdlog::warn(
            "the configuration of [dataplane] or a [[port]] has changed: restart the dataplane for "
            "it "
            "to take effect");
    }
}

// An error means that the workers could not be started, and ends the process.
Result<void> Dataplane::take_generation() {
    path::Exchange& exchange = forwarder_->exchange();
    if (!settled_)
        return {};
    const abi::SharedWord& active = region_->control().active;
    for (int attempt = 0; attempt < kTakeAttempts; ++attempt) {
        const std::uint64_t word = active.load();
        const auto announced = abi::ActiveGeneration::unpack(word);
        if (word == taken_word_ || announced.none())
            return {};
        const Result<void> taken =
            path::take_snapshot(region_, announced, facts_, rings_, exchange.next());
        if (active.load() != word)
            continue;
        taken_word_ = word;
        rejected_ = !taken;
        if (!taken) {
            reject(announced.generation, taken.error().message);
            return {};
        }
        exchange.offer();
        settled_ = false;
        return forwarder_->running() ? Result<void>() : forwarder_->start();
    }
    return {};
}

void Dataplane::reject(std::uint64_t generation, const std::string& why) {
    spdlog::error("generation {} is invalid, the previous one stays in force: {}", generation, why);
    region_->status_for_writing().rejected_generation.store(generation);
    link_.send(abi::MessageKind::kRejected, generation, why);
}

// Acknowledges the generation that was offered last, once all workers use it.
void Dataplane::finish_change() {
    path::Exchange& exchange = forwarder_->exchange();
    if (settled_ || !exchange.settled())
        return;
    settled_ = true;
    exchange.release();
    const std::uint64_t generation = exchange.offered()->generation();
    spdlog::debug("generation {} is in force", generation);
    if (ready_) {
        link_.send(abi::MessageKind::kAcknowledged, generation);
        return;
    }
    ready_ = true;
    spdlog::info("forwarding: {} ports, {} workers", forwarder_->ports().size(),
                 boot_.worker_count);
    sd_notify(0, "READY=1");
    send_ready();
}

void Dataplane::send_ready() {
    link_.send(abi::MessageKind::kReady);
    const path::Snapshot* offered = forwarder_->exchange().offered();
    if (settled_ && offered->region == region_)
        link_.send(abi::MessageKind::kAcknowledged, offered->generation());
}

void Dataplane::report() {
    const Clock::time_point now = Clock::now();
    if (now < next_report_)
        return;
    next_report_ = now + kReportPeriod;
    warn_if_boot_changed();
    std::vector<host::PortFacts> facts = forwarder_->facts();
    if (facts != facts_)
        taken_word_ = 0;  // take the generation in force again, with these facts
    facts_ = std::move(facts);
    port_status_.write(region_->status_for_writing(), read_ports(*forwarder_), facts_);
}

// Once a stop is requested, asks control to hand the VIPs over, and keeps forwarding. True if the
// process may stop: another gateway owns the VIPs and packets sent to this one before have arrived,
// or the handover has taken too long, or there is no control that could hand over.
bool Dataplane::prepare_stop() {
    if (!host::stop_requested())
        return false;
    const Clock::time_point now = Clock::now();
    if (link_.connected() && owns_vips()) {
        if (!stop_by_) {
            spdlog::info("stop requested: handing over the VIPs first");
            stop_by_ = now + kLongestHandover;
            link_.send(abi::MessageKind::kLeaving);
        }
        linger_until_ = now + kLinger;
        return now >= *stop_by_;
    }
    return now >= linger_until_;
}

bool Dataplane::owns_vips() const {
    const path::Snapshot* offered = forwarder_->exchange().offered();
    if (offered == nullptr)
        return false;
    const abi::Generation& generation = offered->tables.generation;
    const std::span groups(generation.groups, generation.header.group_count);
    return std::ranges::any_of(groups, [&](const abi::GroupEntry& group) {
        return region_->control().leases.groups[group.lease].owns(
            static_cast<std::uint64_t>(monotonic_ns()));
    });
}

// Writes the final counters, and that no dataplane runs.
void Dataplane::leave_region() {
    forwarder_->halt();
    next_report_ = {};
    report();
    abi::DataplaneStatus& status = region_->status_for_writing();
    for (abi::PortStatus& port : status.ports)
        port.state.store(static_cast<std::uint64_t>(abi::PortState::kAbsent));
    status.pid.store(0);
}

}  // namespace vipfwd::io
