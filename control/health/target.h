// SPDX-License-Identifier: Apache-2.0
// What is checked: an address, and how. Backends with equal targets, of one pool or several, share
// one check.
#pragma once

#include <cstddef>
#include <string>

#include "control/config/model.h"
#include "dataplane/abi/address.h"

namespace vipfwd::health {

struct Target {
    IpAddress address;
    config::Check check;
    // Names, for scripts only, which are told them: checks of other types are shared among pools.
    std::string pool = {};
    std::string backend = {};

    friend bool operator==(const Target&, const Target&) = default;
};

struct TargetHash {
    std::size_t operator()(const Target& target) const;
};

// Requires that the pool has a check.
Target target_of(const config::Pool& pool, const config::Backend& backend);

// "tcp 10.0.0.11:80", "https [2001:db8::1]:443/healthz",
// "dns 10.0.0.21:53 example.org A".
std::string to_string(const Target& target);

}  // namespace vipfwd::health
