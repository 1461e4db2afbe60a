// SPDX-License-Identifier: Apache-2.0
// The maps of our XDP programs that list addresses: `vips` of steer.bpf.c, `local` of decap.bpf.c.
// `map` is a file descriptor.
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
    std::uint32_t flags = 0;  // the map's value: what they mean is the program's

    friend auto operator<=>(const ListedAddress&, const ListedAddress&) = default;
};

// In ascending order.
Result<std::vector<ListedAddress>> listed_in(int map);
Result<std::vector<IpAddress>> addresses_in(int map);

struct AddressChanges {
    std::size_t added = 0;
    std::size_t changed = 0;  // their flags
    std::size_t removed = 0;
};

// Makes the map list exactly `addresses` (in any order; of duplicates the one with the higher flags
// counts): adds and changes what is to be, then removes what is too much, so that an address that
// stays is never away. On an error, the changes up to there have been made.
Result<AddressChanges> set_addresses(int map, std::span<const ListedAddress> addresses);
// The same, without flags.
Result<AddressChanges> set_addresses(int map, std::span<const IpAddress> addresses);

}  // namespace vipfwd::bpf
