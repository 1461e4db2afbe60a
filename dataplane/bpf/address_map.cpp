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

Result<std::vector<IpAddress>> addresses_in(int map) {
    std::vector<IpAddress> addresses;
    IpAddress next;
    const IpAddress* previous = nullptr;
    while (bpf_map_get_next_key(map, previous, &next) == 0) {
        addresses.push_back(next);
        previous = &addresses.back();
    }
    if (errno != ENOENT)
        return system_error("cannot list an address map");
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
