// SPDX-License-Identifier: Apache-2.0
// Decides when the kernel's addresses have to be synchronised with the VIPs that are owned here
// (group::KernelAddresses): when ownership changes, when the kernel reports a change of our
// addresses, and when an operation has to be repeated.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "control/group/kernel_addresses.h"
#include "control/loop/loop.h"
#include "control/net/managed_address.h"
#include "dataplane/abi/address.h"

namespace vipfwd::gateway {

class KernelAddressSync {
  public:
    // `on_due` is called from the loop when update() has to be called although ownership has not
    // changed. `started_at_ns` (CLOCK_MONOTONIC) is when control started.
    KernelAddressSync(Loop& loop, group::KernelAddresses::Kernel kernel, std::int64_t started_at_ns,
                      std::function<void()> on_due);

    // Makes the kernel have the owned VIPs. `is_local` says whether all steering programs know that
    // the kernel has a VIP; `present` are those of our addresses that the kernel has (nullopt: not
    // known yet).
    void update(std::vector<group::LocalVips> vips,
                const std::function<bool(const IpAddress&)>& is_local,
                const std::optional<std::vector<net::ManagedAddress>>& present);
    // The kernel has reported a change of our addresses.
    void on_kernel_change();
    // Control ends; see KernelAddresses::leave().
    void leave(const std::vector<group::LocalVips>& vips) { addresses_.leave(vips); }

    group::KernelAddressStatus status_of(const std::string& group) const {
        return addresses_.status_of(group);
    }

  private:
    void expire();

    group::KernelAddresses addresses_;
    std::int64_t started_at_ns_;
    std::function<void()> on_due_;
    std::optional<std::vector<group::LocalVips>> synced_;  // nullopt: synchronise in any case
    Timer debounce_;
    Timer retry_;
};

}  // namespace vipfwd::gateway
