// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/port_claim.h"

#include <cap-ng.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "dataplane/bpf/attached.h"
#include "dataplane/bpf/find_object.h"
#include "dataplane/host/capture_file.h"
#include "dataplane/host/interface.h"
#include "dataplane/host/lock.h"
#include "dataplane/host/pci.h"
#include "dataplane/host/tap_check.h"

namespace vipfwd::host {
namespace {

constexpr std::uint32_t kEthernetMtu = 1500;
// A frame and its headroom share one page (see memory_plan.cpp). The kernel refuses native XDP for
// MTUs above about this one.
constexpr std::uint32_t kXdpLargestMtu = 3400;

bool has_capability(unsigned capability) {
    return capng_have_capability(CAPNG_EFFECTIVE, capability) == 1;
}

Result<void> check_rights(const PortPlan& plan) {
    const bool raw = has_capability(CAP_NET_RAW);
    if (plan.driver == abi::Driver::kAfPacket && !raw)
        return Error{"driver af_packet needs root, or the capability NET_RAW"};
    if (plan.driver == abi::Driver::kAfXdp &&
        !(raw && has_capability(CAP_NET_ADMIN) && has_capability(CAP_SYS_ADMIN)))
        return Error{"driver af_xdp needs root, or the capabilities NET_ADMIN, NET_RAW, SYS_ADMIN"};
    return {};
}

// The driver gets the name in a list of arguments, so it must not have a comma, for example.
Result<void> check_name(const std::string& interface) {
    constexpr std::string_view kHarmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+";
    if (!interface.empty() && interface.find_first_not_of(kHarmless) == std::string::npos)
        return {};
    return Error{"'" + interface + "' is not the name of an interface that a driver can take"};
}

// What arrives on a queue without an AF_XDP socket never reaches the dataplane.
Result<void> check_queues(const PortPlan& plan) {
    const Result<ReceiveQueues> queues = count_queues(plan.device);
    if (!queues)
        return queues.error();
    const std::string wanted = "queues = " + std::to_string(plan.queues);
    if (plan.queues > queues->bindable)
        return Error{wanted + ", but " + plan.device + " has " + std::to_string(queues->bindable) +
                     " (see ethtool -l)"};
    if (plan.queues == queues->count)
        return {};
    const std::string count = std::to_string(queues->count);
    const std::string advice = queues->bindable == queues->count
                                   ? "set queues = " + count +
                                         ", or have it use fewer: ethtool -L " + plan.device +
                                         " combined " + std::to_string(plan.queues)
                                   : "have it use one: ethtool -L " + plan.device + " rx 1";
    return Error{plan.device + " receives by " + count + " queues, but " + wanted +
                 ": packets in the others would be missed; " + advice};
}

Result<void> check_xdp_mtu(std::uint32_t mtu) {
    if (mtu <= kXdpLargestMtu)
        return {};
    return Error{"mtu = " + std::to_string(mtu) + " is more than driver af_xdp can take (" +
                 std::to_string(kXdpLargestMtu) + ")"};
}

}  // namespace

Result<PortClaim> PortClaim::take(const PortPlan& plan) {
    PortClaim claim;
    claim.mtu_ = plan.mtu == 0 ? kEthernetMtu : plan.mtu;
    Result<void> taken;
    switch (plan.driver) {
        case abi::Driver::kAfXdp:
            taken = claim.take_interface(plan);
            if (taken)
                taken = claim.take_steering(plan);
            break;
        case abi::Driver::kAfPacket:
            taken = claim.take_interface(plan);
            break;
        case abi::Driver::kPcap:
            if (Result<void> captures = claim.take_captures(plan); !captures)
                return captures.error();  // it names the file, which is sufficient
            break;
        case abi::Driver::kPci:
            taken = check_pci(plan.device);
            break;
        case abi::Driver::kMemif:
        case abi::Driver::kVdev:
            break;
    }
    if (taken && kernel_path(plan) == KernelPath::kTap)
        taken = check_tap(plan);
    if (!taken)
        return port_error(plan, taken.error().message);
    return claim;
}

PortClaim::~PortClaim() {
    stop_steering();
    restore_foreign_program();
}

std::optional<std::uint32_t> PortClaim::steering_program() const {
    const auto program = bpf::attached_program(interface_name(interface_));
    if (!program)
        return std::nullopt;
    return program->has_value() && (*program)->name == bpf::kSteerProgram ? (*program)->id : 0;
}

// A claim that was moved from has no lock.
void PortClaim::stop_steering() {
    if (!lock_ || !may_steer_)
        return;
    if (const std::string name = interface_name(interface_);
        !name.empty() && !bpf::detach_leftover(name, bpf::kSteerProgram)) {
        if (auto program = bpf::attached_program(name); program && program->has_value())
            foreign_program_ = std::move(**program);
    }
    // A packet that the kernel was steering just now is in its socket after that.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

// DPDK's AF_XDP driver detaches whatever program is on the interface when it closes the device.
void PortClaim::restore_foreign_program() {
    const std::string name = interface_name(interface_);
    if (!lock_ || !foreign_program_ || name.empty())
        return;
    if (const auto program = bpf::attached_program(name); program && !program->has_value())
        (void)bpf::attach(name, foreign_program_->fd.get(), foreign_program_->mode, nullptr);
}

Result<void> PortClaim::take_interface(const PortPlan& plan) {
    if (Result<void> harmless = check_name(plan.device); !harmless)
        return harmless;
    const Result<InterfaceFacts> facts = read_interface(plan.device);
    if (!facts)
        return facts.error();
    if (Result<void> allowed = check_rights(plan); !allowed)
        return allowed;
    Result<std::optional<abi::FileLock>> lock = lock_interface(plan.device);
    if (!lock)
        return lock.error();
    if (!lock->has_value())
        return Error{"interface " + plan.device + " is held by another dataplane"};
    lock_ = std::move(**lock);
    interface_ = interface_index(plan.device);
    if (plan.mtu == 0)
        mtu_ =
            plan.driver == abi::Driver::kAfXdp ? std::min(facts->mtu, kXdpLargestMtu) : facts->mtu;
    else if (plan.mtu != facts->mtu)
        return set_mtu(plan.device, plan.mtu);
    return {};
}

Result<void> PortClaim::take_steering(const PortPlan& plan) {
    if (Result<void> fits = check_xdp_mtu(plan.mtu); !fits)
        return fits;
    if (Result<void> enough = check_queues(plan); !enough)
        return enough;
    Result<std::string> object = bpf::find_object("steer.bpf.o");
    if (!object)
        return object.error();
    steer_object_ = std::move(*object);
    // We hold the lock, so a steering program on the interface is left from a killed dataplane.
    if (const Result<bool> detached = bpf::detach_leftover(plan.device, bpf::kSteerProgram);
        !detached)
        return detached.error();
    may_steer_ = true;
    // Best effort: the steering program must see the VLAN tags of frames. A device that always
    // strips them can still serve a port without VLANs.
    (void)keep_vlan_tags(plan.device);
    return {};
}

Result<void> PortClaim::take_captures(const PortPlan& plan) {
    if (plan.queues != 1)
        return port_error(plan, "a capture has one queue: set queues = 1 and workers = 1");
    if (plan.device.empty() && plan.output.empty())
        return port_error(plan, "driver pcap needs a device, an output, or both");
    if (!plan.device.empty()) {
        Result<abi::Fd> input = open_capture(plan.device);
        if (!input)
            return input.error();
        input_ = std::move(*input);
    }
    if (!plan.output.empty()) {
        Result<abi::Fd> output = create_capture(plan.output, input_.get());
        if (!output)
            return output.error();
        output_ = std::move(*output);
    }
    return {};
}

}  // namespace vipfwd::host
