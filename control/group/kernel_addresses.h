// SPDX-License-Identifier: Apache-2.0
// VIPs as addresses of the kernel's interfaces, for programs of this machine (`kernel_address`):
// added while their group owns them, added again if somebody removes them, removed when they are
// not owned any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "control/group/group_status.h"
#include "control/net/managed_address.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::group {

// The VIPs of a group with kernel_address.
struct LocalVips {
    std::string group;
    std::string interface;  // of the group's port; empty: there is none (yet)
    std::vector<IpAddress> vips;
    // nullopt: not decided yet, so that addresses are neither added nor removed. The group may
    // still adopt its VIPs, or not all steering programs know yet that the kernel has them, too.
    std::optional<bool> owned;
    std::uint32_t hold_s = 0;  // how long they stay when control ends

    friend bool operator==(const LocalVips&, const LocalVips&) = default;
};

class KernelAddresses {
  public:
    // The functions of own_address.h.
    struct Kernel {
        std::function<Result<bool>(const net::ManagedAddress&)> add;
        std::function<Result<void>(const net::ManagedAddress&)> remove;
        std::function<Result<void>(const net::ManagedAddress&, std::uint32_t valid_s)> set_lifetime;
    };

    explicit KernelAddresses(Kernel kernel) : kernel_(std::move(kernel)) {}

    // Makes the kernel have the VIPs that `groups` managed, and no others of ours. `present` are
    // those of our addresses that the kernel has; nullopt: not known yet, so nothing is done. A VIP
    // that somebody else has added stays theirs. Returns after how many milliseconds sync() must be
    // called again even if nothing changes: for the rest of many operations, or to retry one that
    // failed. nullopt: not at all.
    std::optional<std::int64_t> sync(
        std::span<const LocalVips> groups,
        const std::optional<std::vector<net::ManagedAddress>>& present);

    // Control ends: the owned VIPs stay for the hold time of their group. By then either the next
    // control has taken them over, or the dataplane has resigned. All others are removed.
    void leave(std::span<const LocalVips> groups);

    // Of the last sync().
    KernelAddressStatus status_of(const std::string& group) const;

  private:
    using Addresses = std::set<net::ManagedAddress>;

    void remove_surplus(const Addresses& wanted, const Addresses& present);
    void add_missing(const LocalVips& group, const Addresses& present);
    Result<bool> add(const net::ManagedAddress& managed, bool is_inherited);
    void report(const std::string& group, const std::string& problem);
    bool take_operation();

    Kernel kernel_;
    Addresses held_;  // that this control has added, or taken over from a former one
    std::map<std::string, KernelAddressStatus> status_;  // by group
    std::string removal_problem_;                        // as it was logged
    std::size_t operations_left_ = 0;                    // of this sync()
    bool needs_retry_ = false;
};

}  // namespace vipfwd::group
