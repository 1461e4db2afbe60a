// SPDX-License-Identifier: Apache-2.0
// The message by which a gateway tells the others of a group what it has found out about backends.
// It is of another kind than that of peer_message.h. All numbers are big endian:
//
//    0  magic     4 bytes, "vfp1"
//    4  kind      2
//    5  group     the id of the virtual router
//    6  flags     bit 1: the sender owns the VIPs
//    7  reserved  0
//    8  count     4 bytes: how many backends the sender has whose keys are in the range
//   12  first     8 bytes: the range, whose last key is in it, too
//   20  last      8 bytes
//   28  members   8 bytes: the sum of the keys in the range, without carry
//   36  entries   of the backends in the range whose state is not 0 (table/backend_findings.h):
//                 the key, 8 bytes, and the state, ordered by key
//
// So a gateway that has the same backends knows the state of each of them. With a key, the
// message ends in the same trailer as a digest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "control/table/backend_findings.h"

namespace vipfwd::group {

struct FindingsReport {
    // A report and its trailer fit into the smallest MTU of IPv6.
    static constexpr std::size_t kMostEntries = 120;

    struct Entry {
        std::uint64_t key = 0;
        std::uint8_t state = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    std::uint8_t group_id = 0;
    bool is_owner = false;
    std::uint32_t count = 0;
    std::uint64_t first = 0;
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t members = 0;
    std::vector<Entry> entries = {};

    bool covers(std::uint64_t key) const { return first <= key && key <= last; }
    // Of a key that it covers.
    std::uint8_t state_of(std::uint64_t key) const;

    friend bool operator==(const FindingsReport&, const FindingsReport&) = default;
};

// As few reports as cover all keys. There is one at least.
std::vector<FindingsReport> reports_of(std::span<const table::BackendFinding> findings,
                                       std::uint8_t group_id, bool is_owner = false);

// Without a trailer.
std::vector<std::uint8_t> encode(const FindingsReport& report);

// nullopt: it is no such report, or not of this form. `bytes` have no trailer.
std::optional<FindingsReport> decode_report(std::span<const std::uint8_t> bytes);

}  // namespace vipfwd::group
