// SPDX-License-Identifier: Apache-2.0
// Reads and updates the maps of addresses of our XDP programs: `vips` of steer.bpf.c and `local` of
// decap.bpf.c. `map` is a file descriptor.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

struct ListedAddress {
    IpAddress address;
    std::uint32_t flags = 0;  // the map's value; the program defines its meaning

    friend auto operator<=>(const ListedAddress&, const ListedAddress&) = default;
};

// The entries of the map, in ascending order.
Result<std::vector<ListedAddress>> listed_in(int map);
Result<std::vector<IpAddress>> addresses_in(int map);

struct AddressChanges {
    std::size_t added = 0;
    std::size_t changed = 0;  // whose flags changed
    std::size_t removed = 0;
};

// Makes the map contain exactly `addresses`, given in any order; of duplicates, the one with the
// higher flags counts. Adds and changes entries before it removes any, so that an address that
// stays is in the map all the time. After an error, the changes made so far remain.
Result<AddressChanges> set_addresses(int map, std::span<const ListedAddress> addresses);
// The same with all flags 0.
Result<AddressChanges> set_addresses(int map, std::span<const IpAddress> addresses);

}  // namespace vipfwd::bpf
