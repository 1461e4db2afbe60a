// SPDX-License-Identifier: Apache-2.0
// The kernel's neighbor entries, as of its last messages, and when to make the kernel probe which
// of them. Pure: the caller passes the time of any monotonic clock, in ms.
//
// A neighbor in use keeps its last known MAC when the kernel's entry fails: sending to that MAC is
// no worse than dropping. So does one that was in use until a moment ago: a link that goes down
// takes the routes and the kernel's entries with it, and when it is up again, the kernel may need a
// second to resolve them.
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
// The kernel marks an entry stale about 30 s after the neighbor was last confirmed. A stale
// neighbor is probed at most this often.
inline constexpr std::int64_t kStaleProbe_ms = 30'000;
// How long the MAC of a neighbor is remembered that is no longer in use, nor known to the kernel.
inline constexpr std::int64_t kRemembered_ms = 60'000;

class NeighborTable {
  public:
    struct Neighbor {
        std::optional<MacAddress> mac;  // the last known one
        std::uint16_t state = 0;        // NUD_*; 0: the kernel has no entry
        std::uint32_t users = 0;
        std::int64_t probed_ms = 0;          // 0: never
        std::int64_t released_ms = 0;        // when it was last in use; 0: never, or it is
        std::optional<std::int64_t> due_ms;  // to be probed or, if it is not in use, forgotten
        bool seen = true;                    // in the current dump

        // The kernel has confirmed the MAC, though perhaps not recently.
        bool valid() const;
        bool stale() const;
        // Neither in use nor known to the kernel, but the last known MAC is worth keeping.
        bool is_remembered() const { return users == 0 && state == 0 && released_ms != 0 && mac; }
    };

    // True if the MAC of a neighbor in use changed.
    bool apply(const NeighborMessage& message, std::int64_t now_ms);

    // Bracket a dump of all neighbors. Entries that the dump did not contain are gone in the
    // kernel.
    void begin_dump();
    void end_dump(std::int64_t now_ms);

    // Counts the routes that lead to a neighbor. Only neighbors in use are probed. A neighbor that
    // is released without a time is not remembered.
    void use(const NeighborKey& key, std::int64_t now_ms);
    void release(const NeighborKey& key, std::optional<std::int64_t> now_ms);

    // Null if the kernel has no entry, no route uses the neighbor, and none did for a while.
    const Neighbor* find(const NeighborKey& key) const;

    // Up to `limit` neighbors in use that are due to be probed. Each is then taken as probed.
    std::vector<NeighborKey> take_due(std::int64_t now_ms, std::size_t limit);
    // When the next neighbor becomes due; nullopt if none will.
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
    std::set<Due> due_;  // one entry per neighbor that has a due_ms
};

}  // namespace vipfwd::net
