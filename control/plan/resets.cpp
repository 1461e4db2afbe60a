// SPDX-License-Identifier: Apache-2.0
#include "control/plan/resets.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "control/plan/settings.h"
#include "control/table/previous_pools.h"
#include "dataplane/abi/address_hash.h"
#include "dataplane/abi/address_text.h"
#include "dataplane/abi/flow_census.h"

namespace vipfwd::plan {
namespace {

using abi::BackendEntry;
using abi::PoolEntry;
using abi::ServiceEntry;
using config::Config;
using table::Tables;
using Addresses = std::unordered_set<IpAddress, AddressHash>;
using Names = std::unordered_map<IpAddress, std::string, AddressHash>;

// The flow classes of the services that stay with a pool.
struct StayingServices {
    std::vector<std::uint8_t> classes = {};  // each one once
    bool has_unpinned = false;

    void add(const ServiceEntry& service) {
        if ((service.flags & abi::kServiceRingOnly) != 0)
            has_unpinned = true;
        else if (std::ranges::find(classes, service.flow_class) == classes.end())
            classes.push_back(service.flow_class);
    }
};

// A backend of the tables in force that leaves its pool.
struct Leaving {
    std::size_t pool = 0;  // of the new configuration
    std::uint16_t index = 0;
    IpAddress address = {};
};

class Search {
  public:
    Search(const Config& before, const Config& after, const Tables& in_force)
        : before_(before),
          after_(after),
          in_force_(in_force),
          entries_(table::find_previous_pools(after, in_force)),
          staying_(in_force.pools.size()) {}

    Resets run() {
        Resets resets;
        find_services(resets);
        find_backends(resets);
        // The keys of backends that are given to another pool come first.
        for (const bool is_given : {true, false}) {
            for (std::size_t i = 0; i < resets.backends.size(); ++i) {
                BackendReset& reset = resets.backends[i];
                if (reset.new_pool.empty() != is_given)
                    add_keys(reset.flows, leaving_[i]);
            }
        }
        return resets;
    }

  private:
    std::size_t position_of(const PoolEntry& pool) const {
        return static_cast<std::size_t>(&pool - in_force_.pools.data());
    }

    void add_key(FlowSet& flows, std::uint8_t flow_class, std::uint16_t index) {
        if (keys_ == kMaxFlowKeys) {
            flows.has_more_keys = true;
            return;
        }
        flows.keys.push_back(abi::WatchedBackends::key(flow_class, index));
        ++keys_;
    }

    void add_keys(FlowSet& flows, const Leaving& leaving) {
        const StayingServices& services = staying_[position_of(*entries_[leaving.pool])];
        flows.has_unpinned = services.has_unpinned;
        for (const std::uint8_t flow_class : services.classes)
            add_key(flows, flow_class, leaving.index);
    }

    // Finds the services that go to another pool. Notes the others in staying_.
    void find_services(Resets& resets) {
        std::map<decltype(identity_of(config::Service())), const config::Service*> configured;
        for (const config::Service& service : after_.services)
            configured.emplace(identity_of(service), &service);
        for (const ServiceEntry& service : in_force_.services) {
            const auto found =
                configured.find({service.vip, static_cast<abi::Protocol>(service.protocol),
                                 service.port_first, service.port_last});
            if (found == configured.end())
                continue;
            const std::size_t now = found->second->pool;
            const PoolEntry& pool = in_force_.pools[service.pool];
            if (entries_[now] == &pool)
                staying_[service.pool].add(service);
            else
                resets.services.push_back({.service = found->second->name,
                                           .pool = after_.pools[now].name,
                                           .flows = flows_of(service, pool)});
        }
    }

    FlowSet flows_of(const ServiceEntry& service, const PoolEntry& pool) {
        FlowSet flows;
        flows.has_unpinned = (service.flags & abi::kServiceRingOnly) != 0;
        if (flows.has_unpinned)
            return flows;
        const std::span<const BackendEntry> backends = table::backends_of(in_force_, pool);
        for (std::size_t index = 0; index < backends.size(); ++index) {
            if (!table::is_retired(backends[index]))
                add_key(flows, service.flow_class, static_cast<std::uint16_t>(index));
        }
        return flows;
    }

    void find_backends(Resets& resets) {
        for (std::size_t pool = 0; pool < after_.pools.size(); ++pool) {
            if (entries_[pool] != nullptr)
                find_leaving(pool);
        }
        const std::unordered_map<IpAddress, std::size_t, AddressHash> given = find_given();
        const std::map<std::string_view, const config::Pool*> former = pools_before();
        Names names;
        std::optional<std::size_t> pool_of_names;
        for (const Leaving& leaving : leaving_) {
            if (pool_of_names != leaving.pool) {
                pool_of_names = leaving.pool;
                const auto found = former.find(entries_[leaving.pool]->name);
                names = found != former.end() ? names_in(*found->second) : Names();
            }
            const auto name = names.find(leaving.address);
            const auto new_pool = given.find(leaving.address);
            resets.backends.push_back(
                {.pool = after_.pools[leaving.pool].name,
                 .backend = name != names.end() ? name->second : to_string(leaving.address),
                 .new_pool = new_pool != given.end() ? after_.pools[new_pool->second].name : "",
                 .flows = {}});
        }
    }

    void find_leaving(std::size_t pool) {
        Addresses kept;
        for (const config::Backend& backend : after_.pools[pool].backends)
            kept.insert(backend.address);
        const std::span<const BackendEntry> backends =
            table::backends_of(in_force_, *entries_[pool]);
        for (std::size_t index = 0; index < backends.size(); ++index) {
            const IpAddress& address = backends[index].address;
            if (!table::is_retired(backends[index]) && !kept.contains(address))
                leaving_.push_back(
                    {.pool = pool, .index = static_cast<std::uint16_t>(index), .address = address});
        }
    }

    // The pool that has a leaving backend from now on.
    std::unordered_map<IpAddress, std::size_t, AddressHash> find_given() const {
        std::unordered_map<IpAddress, std::vector<const PoolEntry*>, AddressHash> pools_in_force;
        for (const Leaving& leaving : leaving_)
            pools_in_force.try_emplace(leaving.address);
        if (pools_in_force.empty())
            return {};
        for (const PoolEntry& pool : in_force_.pools) {
            for (const BackendEntry& backend : table::backends_of(in_force_, pool)) {
                const auto found = pools_in_force.find(backend.address);
                if (found != pools_in_force.end() && !table::is_retired(backend))
                    found->second.push_back(&pool);
            }
        }
        std::unordered_map<IpAddress, std::size_t, AddressHash> given;
        for (std::size_t pool = 0; pool < after_.pools.size(); ++pool) {
            for (const config::Backend& backend : after_.pools[pool].backends) {
                const auto found = pools_in_force.find(backend.address);
                if (found != pools_in_force.end() &&
                    std::ranges::find(found->second, entries_[pool]) == found->second.end())
                    given.emplace(backend.address, pool);
            }
        }
        return given;
    }

    std::map<std::string_view, const config::Pool*> pools_before() const {
        std::map<std::string_view, const config::Pool*> pools;
        for (const config::Pool& pool : before_.pools)
            pools.emplace(pool.name, &pool);
        return pools;
    }

    static Names names_in(const config::Pool& pool) {
        Names names;
        for (const config::Backend& backend : pool.backends)
            names.emplace(backend.address, backend.name);
        return names;
    }

    const Config& before_;
    const Config& after_;
    const Tables& in_force_;
    const std::vector<const PoolEntry*> entries_;  // of after_.pools, in force; null: it is new
    std::vector<StayingServices> staying_;         // by pool in force
    std::vector<Leaving> leaving_;
    std::size_t keys_ = 0;
};

}  // namespace

Resets find_resets(const Config& before, const Config& after, const Tables& in_force) {
    return Search(before, after, in_force).run();
}

std::vector<std::uint32_t> keys_of(const Resets& resets) {
    std::vector<std::uint32_t> keys;
    const auto add = [&keys](const FlowSet& flows) {
        keys.insert(keys.end(), flows.keys.begin(), flows.keys.end());
    };
    for (const ServiceReset& reset : resets.services)
        add(reset.flows);
    for (const bool is_given : {true, false}) {
        for (const BackendReset& reset : resets.backends) {
            if (reset.new_pool.empty() != is_given)
                add(reset.flows);
        }
    }
    return keys;
}

}  // namespace vipfwd::plan
