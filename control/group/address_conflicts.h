// SPDX-License-Identifier: Apache-2.0
// Other hosts that use a VIP which this gateway owns. The dataplane notices them in what it
// receives (dataplane/abi/address_conflict.h), and the steering programs in what the kernel gets
// instead (dataplane/bpf/steer_sender.h). The dataplane defends the VIP. This makes the hosts
// known, as a warning in the log and in warnings().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/group/group_status.h"
#include "control/group/warnings.h"
#include "control/net/steering_maps.h"
#include "control/table/generation_tables.h"
#include "dataplane/abi/address_conflict.h"
#include "dataplane/abi/boot.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/lease.h"

namespace vipfwd::group {

struct ConflictInputs {
    const abi::DataplaneStatus& status;
    const abi::BootParameters& booted;  // of the running dataplane
    abi::LeaseArea& leases;
    const table::Tables& in_force;
    // Of the steering programs, by the name of the port.
    std::span<const std::pair<std::string, bpf::VipSender>> senders = {};
    // The group with that lease; nullopt: it is not active here.
    std::function<std::optional<ActiveGroup>(std::uint16_t lease)> active_by;
    std::int64_t now_ns = 0;
};

class AddressConflicts {
  public:
    // To be called about every second. A conflict becomes a warning after abi::kConflictDelay_ns,
    // unless the sender is a gateway of the group: the next owner, if this gateway has not owned
    // the VIP all the time, or a rival that this one hears, with whom the election settles it. What
    // the steering programs noticed is passed on to the dataplane.
    void observe(const ConflictInputs& inputs);

    // Those that last, oldest first.
    std::vector<Warning> warnings(std::int64_t now_ns) const { return warnings_.list(now_ns); }

  private:
    static constexpr std::size_t kMostPending = 64;

    void judge_sender(const ConflictInputs& inputs, const std::string& port,
                      const bpf::VipSender& sender);
    void add(const abi::AddressConflict& conflict, std::int64_t now_ns);
    void warn(const abi::AddressConflict& conflict, const ConflictInputs& inputs);

    std::array<abi::ConflictReader, abi::kMaxWorkers> readers_;  // by worker
    std::vector<abi::AddressConflict> pending_;  // too recent to be judged, oldest first
    Warnings warnings_;
};

}  // namespace vipfwd::group
