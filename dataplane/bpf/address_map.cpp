// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/address_map.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <string>

#include "dataplane/abi/address_text.h"

namespace vipfwd::bpf {
namespace {

std::vector<IpAddress> without(const std::vector<IpAddress>& from,
                               const std::vector<IpAddress>& what) {
    std::vector<IpAddress> rest;
    std::set_difference(from.begin(), from.end(), what.begin(), what.end(),
                        std::back_inserter(rest));
    return rest;
}

}  // namespace

// Many at a time: it is looked at again and again.
Result<std::vector<IpAddress>> addresses_in(int map) {
    constexpr std::uint32_t kBatch = 1024;
    std::vector<IpAddress> addresses;
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
        addresses.insert(addresses.end(), keys.begin(), keys.begin() + count);
        first = false;
    }
    std::sort(addresses.begin(), addresses.end());
    return addresses;
}

Result<AddressChanges> set_addresses(int map, std::span<const IpAddress> addresses) {
    std::vector<IpAddress> wanted(addresses.begin(), addresses.end());
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    const Result<std::vector<IpAddress>> present = addresses_in(map);
    if (!present)
        return present.error();

    AddressChanges changes;
    const std::uint32_t unused = 1;
    for (const IpAddress& address : without(wanted, *present)) {
        if (bpf_map_update_elem(map, &address, &unused, BPF_ANY) != 0)
            return system_error("cannot add " + to_string(address) + " to an address map");
        ++changes.added;
    }
    for (const IpAddress& address : without(*present, wanted)) {
        if (bpf_map_delete_elem(map, &address) != 0 && errno != ENOENT)
            return system_error("cannot remove " + to_string(address) + " from an address map");
        ++changes.removed;
    }
    return changes;
}

}  // namespace vipfwd::bpf
