// SPDX-License-Identifier: Apache-2.0
// The kernel's neighbors, as it last told them, and which of them to ask it about next. Pure: the
// caller brings the clock (any monotonic one, in ms).
//
// A neighbor in use keeps its last known MAC when the kernel gives it up: sending there is no worse
// than dropping.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "control/net/netlink_message.h"
#include "dataplane/abi/address.h"

namespace vipfwd::net {

inline constexpr std::int64_t kUnresolvedRetry_ms = 1000;
// The kernel calls an entry stale about 30 s after it last heard of it; at most this often is it
// made to look again.
inline constexpr std::int64_t kStaleNudge_ms = 30'000;

class NeighborTable {
  public:
    struct Neighbor {
        std::optional<MacAddress> mac;  // the last known one
        std::uint16_t state = 0;        // NUD_*; 0: the kernel has no entry
        std::uint32_t users = 0;
        std::int64_t asked_ms = 0;  // 0: never
        std::optional<std::int64_t> due_ms;
        bool seen = true;  // in the dump under way

        // The kernel vouches for the MAC.
        bool valid() const;
        bool stale() const;
    };

    // True if the MAC of a neighbor in use changed.
    bool apply(const NeighborMessage& message, std::int64_t now_ms);

    // Between the two come all neighbors there are; those that did not come have been given up.
    void begin_dump();
    void end_dump(std::int64_t now_ms);

    // Whoever sends to a neighbor uses it; uses are counted.
    void use(const NeighborKey& key, std::int64_t now_ms);
    void release(const NeighborKey& key);

    // Null if nothing is known and nobody uses it.
    const Neighbor* find(const NeighborKey& key) const;

    // Up to `limit` neighbors in use that the kernel should be asked about now, each counted as
    // asked.
    std::vector<NeighborKey> take_due(std::int64_t now_ms, std::size_t limit);
    // When take_due() next has something.
    std::optional<std::int64_t> next_due_ms() const;

  private:
    struct Due {
        std::int64_t at_ms;
        NeighborKey key;

        friend bool operator<(const Due& a, const Due& b) {
            return std::tie(a.at_ms, a.key.interface, a.key.address) <
                   std::tie(b.at_ms, b.key.interface, b.key.address);
        }
    };

    void schedule(const NeighborKey& key, Neighbor& neighbor, std::int64_t now_ms);
    void unschedule(const NeighborKey& key, Neighbor& neighbor);

    std::unordered_map<NeighborKey, Neighbor, NeighborKeyHash> neighbors_;
    std::set<Due> due_;  // the neighbors with a due_ms
};

}  // namespace vipfwd::net
