// SPDX-License-Identifier: Apache-2.0
#include "control/table/backend_entries.h"

#include <cstddef>
#include <unordered_map>

#include "dataplane/abi/address_hash.h"

namespace vipfwd::table {

std::vector<const abi::BackendEntry*> backend_entries(const Tables& tables,
                                                      const config::Pool& pool) {
    std::vector<const abi::BackendEntry*> found(pool.backends.size(), nullptr);
    const abi::PoolEntry* entry = find_pool(tables, pool.name);
    if (entry == nullptr)
        return found;
    std::unordered_map<IpAddress, const abi::BackendEntry*, AddressHash> by_address;
    for (const abi::BackendEntry& backend : backends_of(tables, *entry)) {
        if (!is_retired(backend))
            by_address.emplace(backend.address, &backend);
    }
    for (std::size_t i = 0; i < pool.backends.size(); ++i) {
        const auto backend = by_address.find(pool.backends[i].address);
        if (backend != by_address.end())
            found[i] = backend->second;
    }
    return found;
}

}  // namespace vipfwd::table
