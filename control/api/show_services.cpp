// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string_view>
#include <tuple>

#include "control/api/in_force.h"
#include "control/api/views.h"
#include "control/api/words.h"
#include "dataplane/abi/address_text.h"

namespace vipfwd::api {
namespace {

using Identity = std::tuple<IpAddress, std::uint8_t, std::uint16_t, std::uint16_t>;

Identity identity(const config::Service& service) {
    return {service.vip, static_cast<std::uint8_t>(service.protocol), service.port_first,
            service.port_last};
}

std::map<Identity, const abi::ServiceEntry*> rows_in_force(const table::Tables& tables) {
    std::map<Identity, const abi::ServiceEntry*> rows;
    for (const abi::ServiceEntry& row : tables.services)
        rows.emplace(Identity{row.vip, row.protocol, row.port_first, row.port_last}, &row);
    return rows;
}

// By a pool's name: {"serving", "draining", "total"}.
class BackendCounts {
  public:
    explicit BackendCounts(const table::Tables& tables) {
        for (const abi::PoolEntry& pool : tables.pools) {
            Count& count = by_pool_[pool.name];
            for (std::uint32_t i = 0; i < pool.backend_count; ++i) {
                const auto state =
                    static_cast<abi::BackendState>(tables.backends[pool.backend_base + i].state);
                count.serving += state == abi::BackendState::kServing ? 1 : 0;
                count.draining += state == abi::BackendState::kDraining ? 1 : 0;
            }
        }
    }

    Json of(const config::Pool& pool) const {
        const auto found = by_pool_.find(pool.name);
        const Count count = found != by_pool_.end() ? found->second : Count{};
        return {{"serving", count.serving},
                {"draining", count.draining},
                {"total", pool.backends.size()}};
    }

  private:
    struct Count {
        std::size_t serving = 0;
        std::size_t draining = 0;
    };
    std::map<std::string_view, Count> by_pool_;
};

table::CounterValue traffic(const State& state, const abi::ServiceEntry& row) {
    return since(state.publisher->counters().service(row.counter), row.baseline_packets,
                 row.baseline_bytes);
}

}  // namespace

Json show_services(const State& state) {
    const table::Tables& tables = tables_in_force(state);
    const auto rows = rows_in_force(tables);
    const BackendCounts counts(tables);
    Json list = Json::array();
    for (const config::Service& service : state.config.services) {
        const config::Pool& pool = state.config.pools[service.pool];
        const auto row = rows.find(identity(service));
        const table::CounterValue value =
            row != rows.end() ? traffic(state, *row->second) : table::CounterValue{};
        list.push_back({{"name", service.name},
                        {"vip", to_string(service.vip)},
                        {"protocol", word(service.protocol)},
                        {"port", port_range(service.port_first, service.port_last)},
                        {"pool", pool.name},
                        {"forward", word(service.forward)},
                        {"affinity", word(service.affinity)},
                        {"pin_flows", service.pin_flows},
                        {"backends", counts.of(pool)},
                        {"packets", value.packets},
                        {"bytes", value.bytes}});
    }
    return list;
}

}  // namespace vipfwd::api
