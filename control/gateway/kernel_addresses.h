// SPDX-License-Identifier: Apache-2.0
// VIPs as addresses of the kernel's interfaces, for services of the machine itself
// (`kernel_address`): there while their group owns them here, put back when somebody else removes
// them, and removed when they are left over.
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

#include "control/api/state.h"
#include "control/net/managed_address.h"
#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::gateway {

// The VIPs of a group with kernel_address.
struct LocalVips {
    std::string group;
    std::string interface;  // of its port; empty: there is none (yet)
    std::vector<IpAddress> vips;
    // Nothing: the group may yet adopt what a control before this one owned, or not all programs
    // that steer packets know of it. What is set stays.
    std::optional<bool> owned;
    std::uint32_t hold_s = 0;  // how long they may stay when control ends

    friend bool operator==(const LocalVips&, const LocalVips&) = default;
};

class KernelAddresses {
  public:
    // As the functions of managed_address.h.
    struct Kernel {
        std::function<Result<bool>(const net::ManagedAddress&)> add;
        std::function<Result<void>(const net::ManagedAddress&)> remove;
        std::function<Result<void>(const net::ManagedAddress&, std::uint32_t valid_s)> keep;
    };

    explicit KernelAddresses(Kernel kernel) : kernel_(std::move(kernel)) {}

    // Makes the kernel have what `groups` own, and nothing else of ours. `present`: those of ours
    // that it says it has; while it has not said, nothing is done. Who else has set one of them
    // keeps it. Returns after how many milliseconds it wants to be called again though nothing has
    // changed, if it does.
    std::optional<std::int64_t> follow(
        std::span<const LocalVips> groups,
        const std::optional<std::vector<net::ManagedAddress>>& present);
    // Control ends: what `groups` own stays for their hold time, by when either the next control
    // has followed them or the dataplane has resigned. All else that it has set is removed.
    void leave(std::span<const LocalVips> groups);

    // Of the group as it was followed last.
    api::KernelAddress describe(const std::string& group) const;

  private:
    struct Account {
        std::size_t held = 0;
        std::uint64_t repairs = 0;
        std::string problem;  // empty: none
    };
    using Addresses = std::set<net::ManagedAddress>;

    void remove_but(const Addresses& wanted, const Addresses& present);
    void add(const LocalVips& group, const Addresses& present);
    Result<bool> add(const net::ManagedAddress& own, bool is_inherited);
    void note(const std::string& group, const std::string& problem);
    bool may_act();

    Kernel kernel_;
    Addresses held_;                           // that we have set, or a control before us
    std::map<std::string, Account> accounts_;  // by group
    std::string removal_problem_;
    std::size_t acts_left_ = 0;
    bool is_failing_ = false;
};

}  // namespace vipfwd::gateway
