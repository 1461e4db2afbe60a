// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/dataplane.h"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "dataplane/abi/clock.h"
#include "dataplane/host/dataplane_status.h"
#include "dataplane/host/eal_arguments.h"
#include "dataplane/host/stop_signal.h"

namespace vipfwd::io {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kWaitForRegion(100);
constexpr microseconds kSettlingPollPeriod(200);  // while workers change to another snapshot
constexpr milliseconds kBusyPollPeriod(10);
constexpr milliseconds kReportPeriod(100);
constexpr milliseconds kLongestHandover(10'000);
constexpr milliseconds kLinger(200);  // for packets sent before the new owner was announced

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
    intake_.emplace(forwarder_->exchange());
    enter_region(std::move(region_));
    while (!prepare_stop() && !forwarder_->finished()) {
        if (Result<void> taken = take_generation(); !taken)
            return taken;
        finish_change();
        follow_interfaces();
        report();
        link_.keep_connected(region_->fd());
        link_.wait(poll_period(), forwarder_->ports().interface_events());
        if (std::optional<abi::Fd> fd = link_.take_region())
            handle_region(std::move(*fd));
    }
    sd_notify(0, "STOPPING=1");
    leave_region();
    return forwarder_->stop();
}

// A message from control or netlink ends the wait. Poll more often for what neither of them
// announces: that a replay has ended, that a port can be opened, or that the process may stop.
microseconds Dataplane::poll_period() const {
    if (!intake_->settled())
        return kSettlingPollPeriod;
    const bool is_busy =
        host::stop_requested() || forwarder_->is_replay() || forwarder_->ports().is_any_closed();
    return is_busy ? kBusyPollPeriod : kReportPeriod;
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
    if (intake_->rejected())
        intake_->retake();  // to tell this control, too
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

void Dataplane::enter_region(Region region) {
    region_ = std::move(region);
    intake_->use_region(region_);
    abi::DataplaneStatus& status = region_->status_for_writing();
    host::begin_status(status, boot_, started_at_s_);
    port_status_.begin(status, forwarder_->ports().read());
    facts_ = forwarder_->ports().refresh_facts();
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
            "the configuration of [dataplane] or a [[port]] has changed: restart the dataplane to "
            "apply it");
    }
}

// An error means that the workers could not be started, and ends the process.
Result<void> Dataplane::take_generation() {
    using Outcome = path::GenerationIntake::Taken::Outcome;
    const path::GenerationIntake::Taken taken = intake_->take(facts_);
    if (taken.outcome == Outcome::kRejected)
        reject(taken.generation, taken.error);
    if (taken.outcome != Outcome::kOffered)
        return {};
    if (!forwarder_->running())
        return forwarder_->start();
    forwarder_->wake_workers();
    return {};
}

void Dataplane::reject(std::uint64_t generation, const std::string& why) {
    spdlog::error("generation {} is invalid, the previous one stays in force: {}", generation, why);
    region_->status_for_writing().rejected_generation.store(generation);
    link_.send(abi::MessageKind::kRejected, generation, why);
}

// Acknowledges the generation that was offered last, once all workers use it.
void Dataplane::finish_change() {
    if (!intake_->finish_change())
        return;
    const std::uint64_t generation = forwarder_->exchange().offered()->generation();
    spdlog::debug("generation {} is in force", generation);
    if (ready_) {
        link_.send(abi::MessageKind::kAcknowledged, generation);
        return;
    }
    ready_ = true;
    spdlog::info("forwarding: {} ports, {} workers", forwarder_->ports().slots().size(),
                 boot_.worker_count);
    sd_notify(0, "READY=1");
    report_now();  // control steers packets to the ports that the status shows as open
    send_ready();
}

void Dataplane::send_ready() {
    link_.send(abi::MessageKind::kReady, 0, {}, forwarder_->advert_wakeup());
    const path::Snapshot* offered = forwarder_->exchange().offered();
    if (intake_->settled() && offered->region == region_)
        link_.send(abi::MessageKind::kAcknowledged, offered->generation());
}

// Tells control at once when a port has closed or opened: it judges the groups of the port, and
// fills the maps of a new steering program.
void Dataplane::follow_interfaces() {
    if (!forwarder_->follow_interfaces())
        return;
    report_now();
    link_.send(abi::MessageKind::kPortChanged);
}

void Dataplane::report_now() {
    next_report_ = {};
    report();
}

void Dataplane::report() {
    const Clock::time_point now = Clock::now();
    if (now < next_report_)
        return;
    next_report_ = now + kReportPeriod;
    warn_if_boot_changed();
    std::vector<host::PortFacts> facts = forwarder_->ports().refresh_facts();
    if (facts != facts_)
        intake_->retake();
    facts_ = std::move(facts);
    port_status_.write(region_->status_for_writing(), forwarder_->ports().read(), facts_);
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
    report_now();
    host::end_status(region_->status_for_writing());
}

}  // namespace vipfwd::io
