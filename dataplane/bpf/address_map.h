// SPDX-License-Identifier: Apache-2.0
// The maps of our XDP programs that list addresses: `vips` of steer.bpf.c, `local` of decap.bpf.c.
// `map` is a file descriptor.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "dataplane/abi/address.h"
#include "dataplane/abi/result.h"

namespace vipfwd::bpf {

// In ascending order.
Result<std::vector<IpAddress>> addresses_in(int map);

struct AddressChanges {
    std::size_t added = 0;
    std::size_t removed = 0;
};

// Makes the map list exactly `addresses` (in any order, duplicates allowed): adds what is missing,
// then removes what is too much, so that an address that stays is never away. On an error, the
// changes up to there have been made.
Result<AddressChanges> set_addresses(int map, std::span<const IpAddress> addresses);

}  // namespace vipfwd::bpf
