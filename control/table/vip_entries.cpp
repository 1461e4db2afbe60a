// SPDX-License-Identifier: Apache-2.0
#include "control/table/vip_entries.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "dataplane/abi/lease.h"

namespace vipfwd::table {
namespace {

std::uint8_t vip_flags(const config::Group& group) {
    std::uint8_t flags = group.accept ? 0 : abi::kVipRefuses;
    if (group.kernel_address)
        flags |= abi::kVipIsLocal;
    return flags;
}

// A group that has no lease, because its port does not run, owns nothing.
std::uint16_t lease_of_vip(const config::Config& config, const net::Facts& facts,
                           const Tables& tables, const IpAddress& vip, const config::Group& group) {
    if (!config::is_elected(config, group))
        return abi::kNoGroup;
    if (std::ranges::binary_search(facts.left_to_rivals, vip))
        return abi::kNeverOwned;
    const std::uint16_t lease = find_lease(tables, group.name);
    return lease != abi::kNoGroup ? lease : abi::kNeverOwned;
}

}  // namespace

std::vector<abi::VipEntry> vip_entries(const config::Config& config, const net::Facts& facts,
                                       const Tables& tables) {
    std::vector<abi::VipEntry> vips;
    const auto add = [&vips](const IpAddress& address, std::uint16_t lease, std::uint8_t flags) {
        abi::VipEntry& entry = vips.emplace_back();
        entry.address = address;
        entry.lease = lease;
        entry.flags = flags;
    };
    for (const config::Group& group : config.groups) {
        for (const IpAddress& address : group.vips)
            add(address, lease_of_vip(config, facts, tables, address, group), vip_flags(group));
    }
    for (const IpAddress& address : config.unowned_vips)
        add(address, abi::kNeverOwned, 0);
    for (const config::Service& service : config.services) {
        const bool is_owned = service.always_owned || config.groups.empty();
        add(service.vip, is_owned ? abi::kNoGroup : abi::kNeverOwned, 0);
    }
    std::stable_sort(vips.begin(), vips.end(),
                     [](const auto& a, const auto& b) { return a.address < b.address; });
    // Of several entries with one address, the first counts: the group's, if it is in a group.
    const auto repeated = [](const auto& a, const auto& b) { return a.address == b.address; };
    vips.erase(std::unique(vips.begin(), vips.end(), repeated), vips.end());
    return vips;
}

}  // namespace vipfwd::table
