// SPDX-License-Identifier: Apache-2.0
// The hash of addresses for the standard containers, in cold code.
#pragma once

#include <cstddef>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hash.h"

namespace vipfwd {

struct AddressHash {
    std::size_t operator()(const IpAddress& address) const {
        return abi::address_hash(address, 0, abi::HashKey{});
    }
};

}  // namespace vipfwd
