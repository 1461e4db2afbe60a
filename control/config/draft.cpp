// SPDX-License-Identifier: Apache-2.0
#include "control/config/draft.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "control/text/quote.h"

namespace vipfwd::config {
namespace {

using PoolIndex = std::unordered_map<std::string_view, std::size_t>;

bool has_kernel_interface(const Port& port) {
    return port.driver == abi::Driver::kAfXdp || port.driver == abi::Driver::kAfPacket ||
           !port.kernel_interface.empty();
}

// A check goes the way of clients' packets, if it can and nothing else is written.
void set_default_ways(Draft& draft) {
    std::unordered_set<std::string_view> used;
    for (const ServiceDraft& service : draft.services)
        used.insert(service.pool_name);
    for (PoolDraft& pool : draft.pools) {
        if (pool.at.check.is_set() && !pool.at.check_via.is_set() &&
            !obstacle_to_tunnel(draft, pool.pool, used.contains(pool.pool.name)))
            pool.pool.check.via = Via::kTunnel;
    }
}

Pool to_pool(PoolDraft& draft) {
    for (BackendDraft& backend : draft.backends)
        draft.pool.backends.push_back(std::move(backend.backend));
    return std::move(draft.pool);
}

Service to_service(ServiceDraft& draft, const PoolIndex& pools) {
    draft.service.pool = pools.at(draft.pool_name);
    return std::move(draft.service);
}

}  // namespace

std::optional<std::string> obstacle_to_tunnel(const Draft& draft, const Pool& pool, bool is_used) {
    if (pool.check.type == CheckType::kScript)
        return "a script reaches the backend in a way of its own";
    if (!is_used)
        return "no service uses the pool, whose VIP would be checked";
    for (const PortDraft& one : draft.ports) {
        if (!has_kernel_interface(one.port))
            return fmt::format("port {} has no kernel interface, by which answers would come",
                               text::quote(one.port.name));
    }
    return std::nullopt;
}

Config to_config(Draft draft) {
    set_default_ways(draft);
    Config config;
    config.gateway = std::move(draft.gateway.gateway);
    config.control = draft.control;
    config.dataplane = std::move(draft.dataplane.dataplane);
    for (PortDraft& port : draft.ports)
        config.ports.push_back(std::move(port.port));
    for (NeighborDraft& neighbor : draft.neighbors)
        config.neighbors.push_back(std::move(neighbor.neighbor));
    for (GroupDraft& group : draft.groups) {
        for (TrackDraft& track : group.tracks)
            group.group.tracks.push_back(std::move(track.track));
        config.groups.push_back(std::move(group.group));
    }
    for (PoolDraft& pool : draft.pools)
        config.pools.push_back(to_pool(pool));
    PoolIndex index;
    for (std::size_t i = 0; i < config.pools.size(); ++i)
        index.emplace(config.pools[i].name, i);
    for (ServiceDraft& service : draft.services)
        config.services.push_back(to_service(service, index));
    return config;
}

}  // namespace vipfwd::config
