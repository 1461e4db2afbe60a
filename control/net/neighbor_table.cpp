// SPDX-License-Identifier: Apache-2.0
#include "control/net/neighbor_table.h"

#include <linux/neighbour.h>

#include <algorithm>

namespace vipfwd::net {
namespace {

constexpr std::uint16_t kValidStates =
    NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;

// When the neighbor should next be probed, or be forgotten; nullopt: neither.
std::optional<std::int64_t> next_due_ms(const NeighborTable::Neighbor& neighbor,
                                        std::int64_t now_ms) {
    if (neighbor.is_remembered())
        return neighbor.released_ms + kRemembered_ms;
    if (neighbor.users == 0 || (neighbor.valid() && !neighbor.stale()))
        return std::nullopt;
    const std::int64_t pause_ms = neighbor.valid() ? kStaleProbe_ms : kUnresolvedRetry_ms;
    return neighbor.probed_ms == 0 ? now_ms : std::max(now_ms, neighbor.probed_ms + pause_ms);
}

}  // namespace

bool NeighborTable::Neighbor::valid() const {
    return mac && (state & kValidStates) != 0;
}

bool NeighborTable::Neighbor::stale() const {
    return state == NUD_STALE;
}

bool NeighborTable::apply(const NeighborMessage& message, std::int64_t now_ms) {
    const auto at =
        message.removed ? neighbors_.find(message.key) : neighbors_.try_emplace(message.key).first;
    if (at == neighbors_.end())
        return false;
    Neighbor& neighbor = at->second;
    const std::optional<MacAddress> mac_before = neighbor.mac;
    neighbor.seen = true;
    neighbor.state = message.removed ? std::uint16_t{NUD_NONE} : message.state;
    if (message.mac && (neighbor.state & kValidStates) != 0)
        neighbor.mac = message.mac;
    const bool changed = neighbor.users != 0 && neighbor.mac != mac_before;
    schedule(message.key, neighbor, now_ms);
    if (message.removed && neighbor.users == 0 && !neighbor.is_remembered())
        neighbors_.erase(at);
    return changed;
}

void NeighborTable::begin_dump() {
    for (auto& [key, neighbor] : neighbors_)
        neighbor.seen = false;
}

void NeighborTable::end_dump(std::int64_t now_ms) {
    for (auto at = neighbors_.begin(); at != neighbors_.end();) {
        auto& [key, neighbor] = *at;
        if (!neighbor.seen && neighbor.users == 0 && !neighbor.is_remembered()) {
            unschedule(key, neighbor);
            at = neighbors_.erase(at);
            continue;
        }
        if (!neighbor.seen) {
            neighbor.state = NUD_NONE;
            schedule(key, neighbor, now_ms);
        }
        ++at;
    }
}

void NeighborTable::use(const NeighborKey& key, std::int64_t now_ms) {
    Neighbor& neighbor = neighbors_[key];
    if (++neighbor.users != 1)
        return;
    neighbor.released_ms = 0;
    schedule(key, neighbor, now_ms);
}

void NeighborTable::release(const NeighborKey& key, std::optional<std::int64_t> now_ms) {
    const auto at = neighbors_.find(key);
    if (at == neighbors_.end() || at->second.users == 0 || --at->second.users != 0)
        return;
    at->second.released_ms = now_ms.value_or(0);
    schedule(key, at->second, at->second.released_ms);
    if (at->second.state == NUD_NONE && !at->second.is_remembered())
        neighbors_.erase(at);
}

const NeighborTable::Neighbor* NeighborTable::find(const NeighborKey& key) const {
    const auto at = neighbors_.find(key);
    return at == neighbors_.end() ? nullptr : &at->second;
}

std::vector<NeighborKey> NeighborTable::take_due(std::int64_t now_ms, std::size_t limit) {
    std::vector<NeighborKey> taken;
    while (taken.size() < limit && !due_.empty() && due_.begin()->at_ms <= now_ms) {
        const NeighborKey key = due_.begin()->key;
        Neighbor& neighbor = neighbors_.at(key);
        if (neighbor.users == 0) {
            unschedule(key, neighbor);
            neighbors_.erase(key);
            continue;
        }
        neighbor.probed_ms = now_ms;
        schedule(key, neighbor, now_ms);
        taken.push_back(key);
    }
    return taken;
}

std::optional<std::int64_t> NeighborTable::next_due_ms() const {
    if (due_.empty())
        return std::nullopt;
    return due_.begin()->at_ms;
}

void NeighborTable::schedule(const NeighborKey& key, Neighbor& neighbor, std::int64_t now_ms) {
    unschedule(key, neighbor);
    neighbor.due_ms = net::next_due_ms(neighbor, now_ms);
    if (neighbor.due_ms)
        due_.insert({*neighbor.due_ms, key});
}

void NeighborTable::unschedule(const NeighborKey& key, Neighbor& neighbor) {
    if (neighbor.due_ms)
        due_.erase({*neighbor.due_ms, key});
    neighbor.due_ms.reset();
}

}  // namespace vipfwd::net
