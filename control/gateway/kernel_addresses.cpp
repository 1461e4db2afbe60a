// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/kernel_addresses.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace vipfwd::gateway {
namespace {

// So that no election waits for thousands of them: some milliseconds' worth.
constexpr std::size_t kActsPerTurn = 256;
constexpr std::int64_t kRetry_ms = 1000;

}  // namespace

std::optional<std::int64_t> KernelAddresses::follow(
    std::span<const LocalVips> groups,
    const std::optional<std::vector<net::ManagedAddress>>& present) {
    if (!present)
        return std::nullopt;
    acts_left_ = kActsPerTurn;
    is_failing_ = false;
    Addresses wanted;
    for (const LocalVips& group : groups) {
        for (const IpAddress& vip : group.vips) {
            if (group.owned.value_or(true))
                wanted.insert({group.interface, vip});
        }
    }
    const Addresses there(present->begin(), present->end());
    remove_but(wanted, there);
    std::erase_if(accounts_, [&](const auto& account) {
        return std::ranges::find(groups, account.first, &LocalVips::group) == groups.end();
    });
    for (const LocalVips& group : groups)
        add(group, there);
    if (acts_left_ == 0)
        return 0;
    return is_failing_ ? std::optional(kRetry_ms) : std::nullopt;
}

void KernelAddresses::remove_but(const Addresses& wanted, const Addresses& present) {
    Addresses surplus;
    for (const Addresses* from : std::array<const Addresses*, 2>{&present, &held_})
        std::ranges::set_difference(*from, wanted, std::inserter(surplus, surplus.end()));
    std::string problem;
    for (const net::ManagedAddress& own : surplus) {
        if (!may_act())
            return;
        if (Result<void> removed = kernel_.remove(own); !removed)
            problem = removed.error().message;
        else
            held_.erase(own);
    }
    is_failing_ |= !problem.empty();
    if (std::exchange(removal_problem_, problem) != problem && !problem.empty())
        spdlog::error("kernel addresses: {}", problem);
}

void KernelAddresses::add(const LocalVips& group, const Addresses& present) {
    Account& account = accounts_[group.group];
    account.held = 0;
    if (!group.owned.value_or(false))
        return note(group.group, "");
    if (group.interface.empty())
        return note(group.group, "its port has no kernel interface (yet)");
    std::size_t repaired = 0;
    std::string problem;
    for (const IpAddress& vip : group.vips) {
        const net::ManagedAddress own{group.interface, vip};
        const bool was_held = held_.contains(own);
        if (was_held && present.contains(own)) {
            ++account.held;
            continue;
        }
        if (!problem.empty() || !may_act())
            continue;
        const Result<bool> added = add(own, !was_held && present.contains(own));
        if (!added) {
            problem = added.error().message;
            continue;
        }
        repaired += was_held && *added ? 1 : 0;
        if (*added || present.contains(own))
            held_.insert(own);
        ++account.held;
    }
    account.repairs += repaired;
    if (repaired > 0)
        spdlog::warn("group '{}': somebody removed {} of its VIPs from {}; put back", group.group,
                     repaired, group.interface);
    note(group.group, problem);
}

// One that a control before us has set may be there for its hold time only.
Result<bool> KernelAddresses::add(const net::ManagedAddress& own, bool is_inherited) {
    Result<bool> added = kernel_.add(own);
    if (!added || *added || !is_inherited)
        return added;
    if (Result<void> kept = kernel_.keep(own, net::kForever); !kept)
        return kept.error();
    return false;
}

void KernelAddresses::note(const std::string& group, const std::string& problem) {
    is_failing_ |= !problem.empty();
    Account& account = accounts_[group];
    if (std::exchange(account.problem, problem) != problem && !problem.empty())
        spdlog::error("group '{}': kernel address: {}", group, problem);
}

bool KernelAddresses::may_act() {
    if (acts_left_ == 0)
        return false;
    --acts_left_;
    return true;
}

void KernelAddresses::leave(std::span<const LocalVips> groups) {
    std::map<net::ManagedAddress, std::uint32_t> kept;
    for (const LocalVips& group : groups) {
        for (const IpAddress& vip : group.vips) {
            if (group.owned.value_or(false) && group.hold_s > 0)
                kept[{group.interface, vip}] = group.hold_s;
        }
    }
    for (const net::ManagedAddress& own : held_) {
        const auto found = kept.find(own);
        if (Result<void> done =
                found != kept.end() ? kernel_.keep(own, found->second) : kernel_.remove(own);
            !done)
            spdlog::error("kernel addresses: {}", done.error().message);
    }
    held_.clear();
}

api::KernelAddress KernelAddresses::describe(const std::string& group) const {
    const auto found = accounts_.find(group);
    if (found == accounts_.end())
        return {};
    const Account& account = found->second;
    return {.present = account.held, .repairs = account.repairs, .problem = account.problem};
}

}  // namespace vipfwd::gateway
