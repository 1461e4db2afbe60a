// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/address_map.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <string>

#include "dataplane/abi/address_text.h"

namespace vipfwd::bpf {

// Many at a time: it is looked at again and again.
Result<std::vector<ListedAddress>> listed_in(int map) {
    constexpr std::uint32_t kBatch = 1024;
    std::vector<ListedAddress> listed;
    std::vector<IpAddress> keys(kBatch);
    std::vector<std::uint32_t> values(kBatch);
    std::uint32_t position = 0;
    bool first = true;
    bool more = true;
    while (more) {
        std::uint32_t count = kBatch;
        more = bpf_map_lookup_batch(map, first ? nullptr : &position, &position, keys.data(),
                                    values.data(), &count, nullptr) == 0;
        if (!more && errno != ENOENT)
            return system_error("cannot list an address map");
        for (std::uint32_t i = 0; i < count; ++i)
            listed.push_back({keys[i], values[i]});
        first = false;
    }
    std::sort(listed.begin(), listed.end());
    return listed;
}

Result<std::vector<IpAddress>> addresses_in(int map) {
    const Result<std::vector<ListedAddress>> listed = listed_in(map);
    if (!listed)
        return listed.error();
    std::vector<IpAddress> addresses;
    std::transform(listed->begin(), listed->end(), std::back_inserter(addresses),
                   [](const ListedAddress& one) { return one.address; });
    return addresses;
}

Result<AddressChanges> set_addresses(int map, std::span<const ListedAddress> addresses) {
    std::map<IpAddress, std::uint32_t> wanted;
    for (const ListedAddress& one : addresses) {
        std::uint32_t& flags = wanted[one.address];
        flags = std::max(flags, one.flags);
    }
    const Result<std::vector<ListedAddress>> listed = listed_in(map);
    if (!listed)
        return listed.error();
    std::map<IpAddress, std::uint32_t> present;
    for (const ListedAddress& one : *listed)
        present.emplace(one.address, one.flags);

    AddressChanges changes;
    for (const auto& [address, flags] : wanted) {
        const auto before = present.find(address);
        if (before != present.end() && before->second == flags)
            continue;
        if (bpf_map_update_elem(map, &address, &flags, BPF_ANY) != 0)
            return system_error("cannot add " + to_string(address) + " to an address map");
        ++(before == present.end() ? changes.added : changes.changed);
    }
    for (const auto& [address, flags] : present) {
        if (wanted.contains(address))
            continue;
        if (bpf_map_delete_elem(map, &address) != 0 && errno != ENOENT)
            return system_error("cannot remove " + to_string(address) + " from an address map");
        ++changes.removed;
    }
    return changes;
}

Result<AddressChanges> set_addresses(int map, std::span<const IpAddress> addresses) {
    std::vector<ListedAddress> listed;
    std::transform(addresses.begin(), addresses.end(), std::back_inserter(listed),
                   [](const IpAddress& address) { return ListedAddress{.address = address}; });
    return set_addresses(map, std::span<const ListedAddress>(listed));
}

}  // namespace vipfwd::bpf
