// SPDX-License-Identifier: Apache-2.0
#include "dataplane/io/port_slot.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "dataplane/host/capture_file.h"
#include "dataplane/host/eal_arguments.h"
#include "dataplane/host/interface.h"
#include "dataplane/host/port_status.h"
#include "dataplane/host/tap_check.h"
#include "dataplane/io/allocation_record.h"
#include "dataplane/io/queue_wakeups.h"
#include "dataplane/path/worker_pace.h"

namespace vipfwd::io {
namespace {

using std::chrono::milliseconds;

// The kernel frees the queues of closed AF_XDP sockets some time later, and a new interface is
// often configured in several steps.
constexpr milliseconds kAfterLoss(50);
constexpr milliseconds kAfterFailure(1000);
constexpr milliseconds kCheckPeriod(1000);  // of what the kernel does not tell by itself
constexpr std::uint32_t kUnknownMtu = 1500;

}  // namespace

bool PortSlot::has_interface() const {
    return !host::is_interface(plan_) || host::interface_index(plan_.device) != 0;
}

Result<void> PortSlot::claim() {
    if (plan_.mtu != 0)
        buffer_mtu_ = plan_.mtu;
    Result<host::PortClaim> taken = host::PortClaim::take(plan_);
    if (taken) {
        buffer_mtu_ = std::max(buffer_mtu_, taken->mtu());
        claim_.emplace(std::move(*taken));
        return {};
    }
    if (buffer_mtu_ == 0)
        buffer_mtu_ = kUnknownMtu;
    facts_ = {plan_.mac.value_or(MacAddress{}), buffer_mtu_, buffer_mtu_};
    if (has_interface())
        return taken.error();
    failure_ = taken.error().message;
    spdlog::warn("{}; waiting for it", failure_);
    return {};
}

Result<void> PortSlot::open(const Means& means) {
    if (!claim_)
        return {};
    Result<void> done = open_device(means);
    if (done || has_interface())
        return done;
    failure_ = done.error().message;
    spdlog::warn("{}; waiting for its interface", failure_);
    return {};
}

bool PortSlot::try_to_open(const Means& means) {
    const Clock::time_point now = Clock::now();
    if (now < next_attempt_ || !has_interface())
        return false;
    means.eal.set_log(true);
    Result<host::PortClaim> taken = host::PortClaim::take(plan_);
    if (taken)
        claim_.emplace(std::move(*taken));
    const Result<void> done = taken ? open_device(means) : Result<void>(taken.error());
    means.eal.set_log(false);
    if (done) {
        spdlog::info("port '{}': open, on interface {}", plan_.name, plan_.device);
        failure_.clear();
        return true;
    }
    next_attempt_ = now + kAfterFailure;
    if (std::exchange(failure_, done.error().message) != failure_)
        spdlog::error("{}; trying again", failure_);
    return false;
}

Result<void> PortSlot::open_device(const Means& means) {
    Result<host::DeviceName> name = host::name_device(plan_, device_facts());
    if (!name)
        return name.error();
    name_ = std::move(*name);
    const Result<std::uint16_t> number = means.eal.attach(plan_, name_);
    if (!number) {
        claim_.reset();
        return number.error();
    }
    AllocationRecord record(means.pool);
    Result<std::unique_ptr<Port>> port = Port::open(plan_, *claim_, *number,
                                                    {.workers = means.workers,
                                                     .pool = means.pool,
                                                     .buffer_mtu = buffer_mtu_,
                                                     .workers_wait = means.workers_wait});
    if (!port) {
        record.free_taken();
        means.eal.detach(name_);
        claim_.reset();
        return port.error();
    }
    port_ = std::move(*port);
    if (plan_.driver == abi::Driver::kAfXdp)
        program_ = claim_->steering_program().value_or(0);
    facts_ = port_->facts();
    next_check_ = {};
    ++former_.openings;
    if (means.workers_wait && !are_complete(port_->wakeups()))
        tell_of_naps();
    return open_tap(means);
}

void PortSlot::tell_of_naps() const {
    const std::string& fault = port_->interrupt_fault();
    const std::string why =
        fault.empty()
            ? host::port_error(plan_, "its driver has no receive interrupt for each queue").message
            : fault + "; started without receive interrupts";
    spdlog::info("{}: its workers sleep {} us at a time when idle", why,
                 path::IdleBackoff::kLongestSleep_us);
}

host::DeviceFacts PortSlot::device_facts() const {
    return {
        .number = number_,
        .mtu = buffer_mtu_,
        .steer_object = claim_->steer_object(),
        .input = claim_->input() >= 0 ? host::path_of(claim_->input()) : "",
        .output = claim_->output() >= 0 ? host::path_of(claim_->output()) : "",
    };
}

Result<void> PortSlot::open_tap(const Means& means) {
    if (host::kernel_path(plan_) != host::KernelPath::kTap)
        return {};
    if (Result<void> possible = host::check_tap(plan_); !possible)
        return host::port_error(plan_, possible.error().message);
    const Result<std::uint16_t> device =
        means.eal.attach(plan_, host::name_tap(plan_, number_, facts_.mac));
    if (!device)
        return device.error();
    Result<std::unique_ptr<Tap>> tap =
        Tap::open(*device, {.mtu = std::min(facts_.mtu, facts_.mtu_limit),
                            .workers = means.workers,
                            .pool = means.pool,
                            .workers_wait = means.workers_wait});
    if (!tap)
        return host::port_error(plan_, tap.error().message);
    port_->set_tap(std::move(*tap));
    return {};
}

std::string PortSlot::find_loss(std::span<const int> removed) {
    if (!host::is_interface(plan_))
        return "";
    if (std::ranges::find(removed, claim_->interface()) != removed.end() ||
        host::interface_index(plan_.device) != claim_->interface())
        return "interface " + plan_.device + " is gone";
    const Clock::time_point now = Clock::now();
    if (plan_.driver != abi::Driver::kAfXdp || now < next_check_)
        return "";
    read_queues(now);
    const std::optional<std::uint32_t> program = claim_->steering_program();
    const bool is_attached = !program || (*program != 0 && *program == program_);
    return is_attached ? "" : "the steering program is no longer attached to " + plan_.device;
}

void PortSlot::read_queues(Clock::time_point now) {
    next_check_ = now + kCheckPeriod;
    const Result<host::ReceiveQueues> queues = host::count_queues(plan_.device);
    former_.unopened_queues =
        queues && queues->count > plan_.queues ? queues->count - plan_.queues : 0;
}

Result<void> PortSlot::close(Eal& eal) {
    if (!port_)
        return {};
    host::add_counters(former_, port_->read());
    Result<void> closed = port_->close();
    port_.reset();
    eal.detach(name_);
    if (host::is_interface(plan_))
        claim_.reset();
    next_attempt_ = Clock::now() + kAfterLoss;
    return closed;
}

path::TransmitPort PortSlot::device() const {
    if (!port_)
        return {};
    return {port_->device(), port_->takes_chains()};
}

std::span<const path::QueueWakeup> PortSlot::wakeups() const {
    return port_ ? port_->wakeups() : std::span<const path::QueueWakeup>();
}

void PortSlot::refresh_facts() {
    if (!port_)
        return;
    facts_ = port_->facts();
    if (host::is_interface(plan_))
        warn_of_mtu();
}

void PortSlot::warn_of_mtu() {
    const std::uint32_t too_large = facts_.mtu > facts_.mtu_limit ? facts_.mtu : 0;
    if (std::exchange(warned_mtu_, too_large) == too_large || too_large == 0)
        return;
    spdlog::warn(
        "port '{}': interface {} has an MTU of {}, but packets of at most {} bytes are forwarded; "
        "restart the dataplane for larger ones, as far as the driver can take them",
        plan_.name, plan_.device, facts_.mtu, facts_.mtu_limit);
}

host::PortReading PortSlot::read() {
    host::PortReading reading = former_;
    if (port_) {
        const host::PortReading now = port_->read();
        reading.state = now.state;
        host::add_counters(reading, now);
    } else {
        reading.state =
            has_interface() ? abi::PortState::kCannotOpen : abi::PortState::kNoInterface;
        reading.unopened_queues = 0;
    }
    return reading;
}

}  // namespace vipfwd::io
