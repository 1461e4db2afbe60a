// SPDX-License-Identifier: Apache-2.0
// What a port takes of this machine, before DPDK touches it: here a fault still has a name.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/abi/handover.h"
#include "dataplane/abi/result.h"
#include "dataplane/host/boot_plan.h"

namespace vipfwd::host {

class PortClaim {
  public:
    // Checks that the device is there and nobody else's, removes what a killed predecessor left on
    // it, and takes it.
    static Result<PortClaim> take(const PortPlan& plan);

    PortClaim(PortClaim&&) = default;
    PortClaim& operator=(PortClaim&&) = delete;
    // The driver has been closed by now: leaves no XDP program behind.
    ~PortClaim();

    std::uint32_t mtu() const { return mtu_; }  // of the device as it now is, or as configured
    const std::string& steer_object() const { return steer_object_; }  // af_xdp: its program's file
    int input() const { return input_.get(); }                         // pcap: open captures, or -1
    int output() const { return output_.get(); }

  private:
    PortClaim() = default;
    Result<void> take_interface(const PortPlan& plan);
    Result<void> take_steering(const PortPlan& plan);
    Result<void> take_captures(const PortPlan& plan);

    std::uint32_t mtu_ = 0;
    std::string steered_interface_;  // empty: none
    std::string steer_object_;
    abi::Fd lock_;  // of the interface
    abi::Fd input_;
    abi::Fd output_;
};

}  // namespace vipfwd::host
