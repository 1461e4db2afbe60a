// SPDX-License-Identifier: Apache-2.0
// What a gateway has found out about the backends to which connections to a group's VIPs go, in a
// form by which gateways compare it (control/group/peer_findings.h). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "control/table/generation_tables.h"
#include "dataplane/abi/address.h"

namespace vipfwd::table {

// Bits of a finding's state. None of them: the backend is up, or is not checked.
inline constexpr std::uint8_t kFoundDown = 1;     // by its check or its agent
inline constexpr std::uint8_t kFoundUnknown = 2;  // there is no result yet
inline constexpr std::uint8_t kTakenOut = 4;      // by an operator or its agent
inline constexpr std::uint8_t kIsWriter = 8;      // it serves in a pool with mode = "first"

struct BackendFinding {
    std::uint64_t key = 0;      // of the backend, see backend_key()
    std::uint32_t pool = 0;     // index into Tables::pools
    std::uint32_t backend = 0;  // index into Tables::backends
    std::uint8_t state = 0;
};

// A digest of both, the same on all gateways.
std::uint64_t backend_key(std::string_view pool, const IpAddress& backend);

// Of the backends of the pools whose services have one of the VIPs, in no order. Each key once.
std::vector<BackendFinding> backend_findings(const Tables& tables, std::span<const IpAddress> vips);

}  // namespace vipfwd::table
