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
constexpr milliseconds kTurn(10);
constexpr milliseconds kSettlingTurn(1);  // while workers change over
constexpr milliseconds kReportEvery(100);
constexpr milliseconds kLongestLeave(10'000);
constexpr milliseconds kLinger(200);  // what is under way while others learn of the new owner
constexpr int kTakeAttempts = 3;      // while control is writing; then at the next turn

std::vector<host::PortReading> read_ports(const Forwarder& forwarder) {
    std::vector<host::PortReading> readings;
    for (const auto& port : forwarder.ports())
        readings.push_back(port->read());
    return readings;
}

// A predecessor may have left anything but counters, which go on. What it held is gone.
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
    while (!may_stop() && !forwarder_->finished()) {
        if (Result<void> taken = take_generation(); !taken)
            return taken;
        settle();
        report();
        link_.maintain(region_->fd());
        link_.wait(settled_ ? kTurn : kSettlingTurn);
        if (std::optional<abi::Fd> fd = link_.take_region())
            meet_control(std::move(*fd));
    }
    sd_notify(0, "STOPPING=1");
    leave_region();
    return forwarder_->stop();
}

void Dataplane::wait_for_region() {
    while (!region_ && !host::stop_requested()) {
        link_.maintain(-1);
        link_.wait(kWaitForRegion);
        if (std::optional<abi::Fd> fd = link_.take_region())
            meet_control(std::move(*fd));
    }
}

// Control has answered hello.
void Dataplane::meet_control(abi::Fd fd) {
    if (Result<void> accepted = accept_region(std::move(fd)); !accepted)
        return link_.drop(accepted.error().message);
    if (!forwarder_)
        return;
    spdlog::info("connected to control");
    if (rejected_)
        taken_word_ = 0;  // to be judged again, and told
    if (ready_)
        tell_ready();
    if (leave_by_)
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
        spdlog::warn("control has made another region; changing over to it");
        enter_region(std::move(region));
        return {};
    }
    boot_ = *boot;
    seen_boot_checksum_ = boot_.checksum;
    region_ = std::move(region);
    return {};
}

// From here on generations are taken from this region. Until the first one holds, the workers use
// and count in the one before.
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

void Dataplane::compare_boot() {
    const std::uint64_t checksum = region_->control().boot.checksum;
    if (checksum == seen_boot_checksum_)
        return;
    const Result<abi::BootParameters> boot = host::copy_boot(region_->control());
    if (!boot)
        return;
    seen_boot_checksum_ = checksum;
    if (std::memcmp(&*boot, &boot_, sizeof boot_) != 0) {
        spdlog::warn(
            "the configuration of [dataplane] or a [[port]] has changed: that takes effect at the "
            "next start of the dataplane");
    }
}

// An error ends the process: the workers do not start.
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
    spdlog::error("generation {} does not hold, the one before stays in force: {}", generation,
                  why);
    region_->status_for_writing().rejected_generation.store(generation);
    link_.send(abi::MessageKind::kRejected, generation, why);
}

// All workers have changed over to what was offered last: nobody uses what was there before.
void Dataplane::settle() {
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
    tell_ready();
}

void Dataplane::tell_ready() {
    link_.send(abi::MessageKind::kReady);
    const path::Snapshot* offered = forwarder_->exchange().offered();
    if (settled_ && offered->region == region_)
        link_.send(abi::MessageKind::kAcknowledged, offered->generation());
}

void Dataplane::report() {
    const Clock::time_point now = Clock::now();
    if (now < next_report_)
        return;
    next_report_ = now + kReportEvery;
    compare_boot();
    std::vector<host::PortFacts> facts = forwarder_->facts();
    if (facts != facts_)
        taken_word_ = 0;  // the generation in force is taken again, with these
    facts_ = std::move(facts);
    port_status_.write(region_->status_for_writing(), read_ports(*forwarder_), facts_);
}

// Once somebody else owns the VIPs, and what was still sent to us has come; or nobody wants to own
// them. Until then it forwards.
bool Dataplane::may_stop() {
    if (!host::stop_requested())
        return false;
    const Clock::time_point now = Clock::now();
    if (link_.connected() && owns_vips()) {
        if (!leave_by_) {
            spdlog::info("asked to stop: handing over the VIPs first");
            leave_by_ = now + kLongestLeave;
            link_.send(abi::MessageKind::kLeaving);
        }
        linger_until_ = now + kLinger;
        return now >= *leave_by_;
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

// The last words in the region: what was forwarded, and by nobody any more.
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
