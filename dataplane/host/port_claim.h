// SPDX-License-Identifier: Apache-2.0
// What a port needs of this machine: taken, and checked, before DPDK uses the device, because
// DPDK's errors do not say what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/abi/file_lock.h"
#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"
#include "dataplane/bpf/attached.h"
#include "dataplane/host/boot_plan.h"

namespace vipfwd::host {

class PortClaim {
  public:
    // Checks that the device exists and that no other dataplane uses it, takes it, and removes what
    // a killed predecessor left on it. The error names the port.
    static Result<PortClaim> take(const PortPlan& plan);

    PortClaim(PortClaim&&) = default;
    PortClaim& operator=(PortClaim&&) = delete;
    // Releases the interface, see stop_steering(). The driver must be closed before.
    ~PortClaim();

    // The number of the interface, or 0: of another kind of device.
    int interface() const { return interface_; }
    // af_xdp: the number of the steering program that is on the interface. 0: there is none.
    // Nullopt: it cannot be read.
    std::optional<std::uint32_t> steering_program() const;
    // af_xdp: detaches the steering program from the interface, whatever its name is by now. The
    // kernel puts no packet into an AF_XDP socket any more. Does nothing if the interface is gone.
    void stop_steering();

    // As configured, else as the device has it, but no more than the driver can take.
    std::uint32_t mtu() const { return mtu_; }
    const std::string& steer_object() const {
        return steer_object_;
    }                                           // af_xdp: the file of the steering program
    int input() const { return input_.get(); }  // pcap: descriptors of the captures, or -1
    int output() const { return output_.get(); }

  private:
    PortClaim() = default;
    void restore_foreign_program();
    Result<void> take_interface(const PortPlan& plan);
    Result<void> take_steering(const PortPlan& plan);
    Result<void> take_captures(const PortPlan& plan);

    std::uint32_t mtu_ = 0;
    int interface_ = 0;
    bool may_steer_ = false;  // our XDP program may be on the interface
    std::string steer_object_;
    std::optional<bpf::AttachedProgram> foreign_program_;  // that has replaced ours
    abi::FileLock lock_;                                   // on the interface
    abi::Fd input_;
    abi::Fd output_;
};

}  // namespace vipfwd::host
