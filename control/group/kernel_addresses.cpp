// SPDX-License-Identifier: Apache-2.0
#include "control/group/kernel_addresses.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace vipfwd::group {
namespace {

// Some milliseconds' worth, so that thousands of VIPs do not hold up an election.
constexpr std::size_t kOperationsPerSync = 256;
constexpr std::int64_t kRetry_ms = 1000;

}  // namespace

std::optional<std::int64_t> KernelAddresses::sync(
    std::span<const LocalVips> groups,
    const std::optional<std::vector<net::ManagedAddress>>& present) {
    if (!present)
        return std::nullopt;
    operations_left_ = kOperationsPerSync;
    needs_retry_ = false;
    Addresses wanted;
    for (const LocalVips& group : groups) {
        for (const IpAddress& vip : group.vips) {
            if (group.owned.value_or(true))
                wanted.insert({group.interface, vip});
        }
    }
    const Addresses kernel_has(present->begin(), present->end());
    remove_surplus(wanted, kernel_has);
    std::erase_if(status_, [&](const auto& entry) {
        return std::ranges::find(groups, entry.first, &LocalVips::group) == groups.end();
    });
    for (const LocalVips& group : groups)
        add_missing(group, kernel_has);
    if (operations_left_ == 0)
        return 0;
    return needs_retry_ ? std::optional(kRetry_ms) : std::nullopt;
}

void KernelAddresses::remove_surplus(const Addresses& wanted, const Addresses& present) {
    Addresses surplus;
    for (const Addresses* from : std::array<const Addresses*, 2>{&present, &held_})
        std::ranges::set_difference(*from, wanted, std::inserter(surplus, surplus.end()));
    std::string problem;
    for (const net::ManagedAddress& managed : surplus) {
        if (!take_operation())
            return;
        if (Result<void> removed = kernel_.remove(managed); !removed)
            problem = removed.error().message;
        else
            held_.erase(managed);
    }
    needs_retry_ |= !problem.empty();
    if (std::exchange(removal_problem_, problem) != problem && !problem.empty())
        spdlog::error("kernel addresses: {}", problem);
}

void KernelAddresses::add_missing(const LocalVips& group, const Addresses& present) {
    KernelAddressStatus& status = status_[group.group];
    status.present = 0;
    if (!group.owned.value_or(false))
        return report(group.group, "");
    if (group.interface.empty())
        return report(group.group, "its port has no kernel interface (yet)");
    std::size_t repaired = 0;
    std::string problem;
    for (const IpAddress& vip : group.vips) {
        const net::ManagedAddress managed{group.interface, vip};
        const bool was_held = held_.contains(managed);
        if (was_held && present.contains(managed)) {
            ++status.present;
            continue;
        }
        // An operation that failed once would fail for the other VIPs, too.
        if (!problem.empty() || !take_operation())
            continue;
        const Result<bool> added = add(managed, !was_held && present.contains(managed));
        if (!added) {
            problem = added.error().message;
            continue;
        }
        repaired += was_held && *added ? 1 : 0;
        if (*added || present.contains(managed))
            held_.insert(managed);
        ++status.present;
    }
    status.repairs += repaired;
    if (repaired > 0)
        spdlog::warn("group '{}': {} of its VIPs had been removed from {}; added them again",
                     group.group, repaired, group.interface);
    report(group.group, problem);
}

// A former control may have limited the lifetime of an inherited address to the hold time.
Result<bool> KernelAddresses::add(const net::ManagedAddress& managed, bool is_inherited) {
    Result<bool> added = kernel_.add(managed);
    if (!added || *added || !is_inherited)
        return added;
    if (Result<void> kept = kernel_.set_lifetime(managed, net::kForever); !kept)
        return kept.error();
    return false;
}

void KernelAddresses::report(const std::string& group, const std::string& problem) {
    needs_retry_ |= !problem.empty();
    std::string& reported = status_[group].problem;
    if (std::exchange(reported, problem) != problem && !problem.empty())
        spdlog::error("group '{}': kernel address: {}", group, problem);
}

bool KernelAddresses::take_operation() {
    if (operations_left_ == 0)
        return false;
    --operations_left_;
    return true;
}

void KernelAddresses::leave(std::span<const LocalVips> groups) {
    std::map<net::ManagedAddress, std::uint32_t> lifetimes_s;
    for (const LocalVips& group : groups) {
        for (const IpAddress& vip : group.vips) {
            if (group.owned.value_or(false) && group.hold_s > 0)
                lifetimes_s[{group.interface, vip}] = group.hold_s;
        }
    }
    for (const net::ManagedAddress& managed : held_) {
        const auto found = lifetimes_s.find(managed);
        if (Result<void> done = found != lifetimes_s.end()
                                    ? kernel_.set_lifetime(managed, found->second)
                                    : kernel_.remove(managed);
            !done)
            spdlog::error("kernel addresses: {}", done.error().message);
    }
    held_.clear();
}

KernelAddressStatus KernelAddresses::status_of(const std::string& group) const {
    const auto found = status_.find(group);
    return found == status_.end() ? KernelAddressStatus{} : found->second;
}

}  // namespace vipfwd::group
