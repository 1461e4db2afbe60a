// SPDX-License-Identifier: Apache-2.0
#include "control/table/previous_pools.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "control/table/previous_entries.h"
#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {
namespace {

using abi::PoolEntry;
using abi::ServiceEntry;
using ServiceIdentity = std::tuple<IpAddress, std::uint8_t, std::uint16_t, std::uint16_t>;
using PoolsByService = std::map<ServiceIdentity, std::size_t>;

PoolsByService pools_by_service(const config::Config& config) {
    PoolsByService pools;
    for (const config::Service& service : config.services)
        pools.emplace(ServiceIdentity(service.vip, static_cast<std::uint8_t>(service.protocol),
                                      service.port_first, service.port_last),
                      service.pool);
    return pools;
}

// The one pool that all services of a former pool use now; nullopt: there is none, or several.
std::optional<std::size_t> pool_of_services(const Tables& previous, std::size_t former,
                                            const PoolsByService& pools) {
    std::optional<std::size_t> found;
    for (const ServiceEntry& service : previous.services) {
        if (service.pool != former)
            continue;
        const auto now = pools.find(
            ServiceIdentity(service.vip, service.protocol, service.port_first, service.port_last));
        if (now == pools.end())
            continue;
        if (found && *found != now->second)
            return std::nullopt;
        found = now->second;
    }
    return found;
}

bool has_most_backends(const Tables& previous, const PoolEntry& former, const config::Pool& pool) {
    std::unordered_set<IpAddress, AddressHash> addresses;
    for (const config::Backend& backend : pool.backends)
        addresses.insert(backend.address);
    std::size_t configured = 0;
    std::size_t kept = 0;
    for (const abi::BackendEntry& backend : backends_of(previous, former)) {
        if (is_retired(backend))
            continue;
        ++configured;
        kept += addresses.contains(backend.address) ? 1 : 0;
    }
    return 2 * kept > configured;
}

}  // namespace

std::vector<const PoolEntry*> find_previous_pools(const config::Config& config,
                                                  const Tables& previous) {
    PreviousEntries<PoolEntry, std::unordered_map<std::string_view, const PoolEntry*>> by_name(
        previous.pools, [](const PoolEntry& pool) { return std::string_view(pool.name); });
    std::vector<const PoolEntry*> found;
    found.reserve(config.pools.size());
    std::vector<bool> is_configured(previous.pools.size());
    for (const config::Pool& pool : config.pools) {
        found.push_back(by_name.find(pool.name));
        if (found.back() != nullptr)
            is_configured[static_cast<std::size_t>(found.back() - previous.pools.data())] = true;
    }
    const bool is_any_new = std::ranges::find(found, nullptr) != found.end();
    if (!is_any_new || std::ranges::find(is_configured, false) == is_configured.end())
        return found;
    const PoolsByService pools = pools_by_service(config);
    for (std::size_t former = 0; former < previous.pools.size(); ++former) {
        if (is_configured[former])
            continue;
        const std::optional<std::size_t> now = pool_of_services(previous, former, pools);
        if (now && found[*now] == nullptr &&
            has_most_backends(previous, previous.pools[former], config.pools[*now]))
            found[*now] = &previous.pools[former];
    }
    return found;
}

std::map<std::string, std::string> find_renamed_pools(const config::Config& config,
                                                      const config::Config* before,
                                                      const Tables& in_force) {
    std::map<const PoolEntry*, std::string> former_names;
    if (before != nullptr) {
        const std::vector<const PoolEntry*> entries = find_previous_pools(*before, in_force);
        for (std::size_t i = 0; i < entries.size(); ++i)
            former_names[entries[i]] = before->pools[i].name;
    }
    std::map<std::string, std::string> renamed;
    const std::vector<const PoolEntry*> entries = find_previous_pools(config, in_force);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i] == nullptr)
            continue;
        const auto former = former_names.find(entries[i]);
        const std::string name = former != former_names.end() ? former->second : entries[i]->name;
        if (name != config.pools[i].name)
            renamed[name] = config.pools[i].name;
    }
    return renamed;
}

}  // namespace vipfwd::table
