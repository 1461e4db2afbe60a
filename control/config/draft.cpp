// SPDX-License-Identifier: Apache-2.0
#include "control/config/draft.h"

#include <string_view>
#include <unordered_map>
#include <utility>

namespace vipfwd::config {
namespace {

using PoolIndex = std::unordered_map<std::string_view, std::size_t>;

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

Config to_config(Draft draft) {
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
