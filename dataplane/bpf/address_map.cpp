// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/address_map.h"

#include <bpf/bpf.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iterator>
#include <string>

#include "dataplane/abi/address_text.h"
#include "dataplane/bpf/map_entries.h"

namespace vipfwd::bpf {
namespace {

// Sorts in ascending order, and keeps of each address the entry with the highest flags.
std::vector<ListedAddress> without_duplicates(std::span<const ListedAddress> addresses) {
    std::vector<ListedAddress> all(addresses.begin(), addresses.end());
    const auto same = [](const ListedAddress& one, const ListedAddress& other) {
        return one.address == other.address;
    };
    std::sort(all.begin(), all.end(), std::greater<>());
    all.erase(std::unique(all.begin(), all.end(), same), all.end());
    std::reverse(all.begin(), all.end());
    return all;
}

}  // namespace

Result<std::vector<ListedAddress>> listed_in(int map) {
    const auto entries = entries_of<IpAddress, std::uint32_t>(map, "an address map");
    if (!entries)
        return entries.error();
    std::vector<ListedAddress> listed;
    for (const auto& [address, flags] : *entries)
        listed.push_back({address, flags});
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
    const std::vector<ListedAddress> wanted = without_duplicates(addresses);
    const Result<std::vector<ListedAddress>> present = listed_in(map);
    if (!present)
        return present.error();
    std::vector<ListedAddress> to_set;
    std::ranges::set_difference(wanted, *present, std::back_inserter(to_set));
    std::vector<ListedAddress> surplus;
    std::ranges::set_difference(*present, wanted, std::back_inserter(surplus), {},
                                &ListedAddress::address, &ListedAddress::address);

    AddressChanges changes;
    for (const auto& [address, flags] : to_set) {
        if (bpf_map_update_elem(map, &address, &flags, BPF_ANY) != 0)
            return system_error("cannot add " + to_string(address) + " to an address map");
        const bool was_there =
            std::ranges::binary_search(*present, address, {}, &ListedAddress::address);
        ++(was_there ? changes.changed : changes.added);
    }
    for (const auto& [address, flags] : surplus) {
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
