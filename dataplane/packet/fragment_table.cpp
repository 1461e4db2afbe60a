// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/fragment_table.h"

#include <algorithm>
#include <bit>

namespace vipfwd::packet {
namespace {

// A mask of the bits [first, first + count) of a word. Requires count > 0.
std::uint64_t bits(std::uint32_t first, std::uint32_t count) {
    return (count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1) << first;
}

// Calls visit(word, mask) for each word of a bitmap that has some of the bits [first, first +
// count).
template <typename Visit>
void for_units(std::uint32_t first, std::uint32_t count, Visit visit) {
    while (count > 0) {
        const std::uint32_t at = first % 64;
        const std::uint32_t step = count < 64 - at ? count : 64 - at;
        visit(first / 64, bits(at, step));
        first += step;
        count -= step;
    }
}

struct Units {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

Units units_of(const FragmentPart& part) {
    return {part.offset / kFragmentUnit, (part.length + kFragmentUnit - 1) / kFragmentUnit};
}

// True if the fragment lies beyond the end of the datagram, sets another end, or sets an end before
// bytes that have arrived.
bool contradicts_end(const DatagramState& datagram, const Units& units, bool is_last) {
    const std::uint32_t end = units.first + units.count;
    if (datagram.total_units != 0)
        return end > datagram.total_units || (is_last && end != datagram.total_units);
    return is_last && datagram.seen_end > end;
}

// One fragment has arrived, and no other within the grace.
bool has_lone_fragment(const DatagramState& datagram, std::uint64_t expires_ms,
                       std::uint64_t now_ms) {
    return datagram.fragments == 1 && expires_ms + kLoneGrace_ms <= now_ms + kFragmentTimeout_ms;
}

// A mask of the ways with that tag.
std::uint32_t ways_with_tag(const DatagramSet& set, std::uint32_t tag) {
    std::uint32_t found = 0;
    for (std::uint32_t way = 0; way < DatagramSet::kWays; ++way)
        found |= (set.tags[way] == tag ? 1u : 0u) << way;
    return found;
}

// A mask of the ways that are free or have expired.
std::uint32_t free_ways(const DatagramSet& set, std::uint64_t now_ms) {
    std::uint32_t found = 0;
    for (std::uint32_t way = 0; way < DatagramSet::kWays; ++way)
        found |= (set.expires_ms[way] <= now_ms ? 1u : 0u) << way;
    return found;
}

}  // namespace

std::uint64_t FragmentTable::hash_of(const DatagramKey& key, const abi::HashKey& hash_key) {
    return abi::address_hash(key.source, abi::address_hash(key.destination, key.number, hash_key),
                             hash_key);
}

[[gnu::always_inline]] inline FragmentTable::Way FragmentTable::find(Way first, std::uint32_t tag,
                                                                     const DatagramKey& key,
                                                                     std::uint64_t now_ms) {
    Way way = first;
    for (std::uint32_t left = ways_with_tag(first.set(), tag); left != 0; left &= left - 1) {
        way.index = static_cast<std::uint32_t>(std::countr_zero(left));
        if (way.expires_ms() > now_ms && way.entry().key == key)
            return way;
    }
    return {};
}

// Requires that no way is free. Serials tell which datagram is older, also among those of one
// millisecond.
[[gnu::noinline]] FragmentTable::Way FragmentTable::choose_victim(Way first,
                                                                  std::uint64_t now_ms) const {
    const auto is_lone = [&](const Way& way) {
        return has_lone_fragment(way.entry(), way.expires_ms(), now_ms);
    };
    Way victim = first;
    for (Way other = first; other.index < kWays; ++other.index) {
        const bool is_older =
            next_serial_ - other.entry().serial > next_serial_ - victim.entry().serial;
        if (is_lone(other) != is_lone(victim) ? is_lone(other) : is_older)
            victim = other;
    }
    return victim;
}

[[gnu::always_inline]] inline FragmentTable::Way FragmentTable::allocate(Way first,
                                                                         std::uint32_t tag,
                                                                         const DatagramKey& key,
                                                                         std::uint64_t now_ms) {
    const std::uint32_t free = free_ways(first.set(), now_ms);
    Way way = first;
    if (free != 0)
        way.index = static_cast<std::uint32_t>(std::countr_zero(free));
    else
        way = choose_victim(first, now_ms);
    way.set().tags[way.index] = tag;
    way.expires_ms() = now_ms + kFragmentTimeout_ms;
    DatagramState& datagram = way.entry();
    datagram = {};
    datagram.key = key;
    datagram.serial = next_serial_++;
    return way;
}

// Of the units [first, first + count).
std::uint32_t FragmentTable::count_seen(const Way& way, std::uint32_t first, std::uint32_t count) {
    const DatagramState& datagram = way.entry();
    if (first >= datagram.seen_end)
        return 0;
    std::uint32_t seen = 0;
    for_units(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        if (word < datagram.valid_words)
            seen += static_cast<std::uint32_t>(std::popcount(way.seen(word) & mask));
    });
    return seen;
}

// Requires that none of the units has been seen.
void FragmentTable::mark_seen(const Way& way, std::uint32_t first, std::uint32_t count) {
    DatagramState& datagram = way.entry();
    for_units(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        while (datagram.valid_words <= word)
            way.seen(datagram.valid_words++) = 0;
        way.seen(word) |= mask;
    });
    datagram.seen_units = static_cast<std::uint16_t>(datagram.seen_units + count);
    datagram.seen_end = std::max(datagram.seen_end, static_cast<std::uint16_t>(first + count));
}

// Frees the entry once the whole datagram has arrived and none of its fragments is held.
void FragmentTable::free_if_complete(const Way& way) {
    const DatagramState& datagram = way.entry();
    if (datagram.total_units != 0 && datagram.seen_units == datagram.total_units &&
        datagram.held == 0 && datagram.has_ports)
        way.expires_ms() = 0;
}

FragmentTable::Place FragmentTable::add(const DatagramKey& key, std::uint64_t hash,
                                        const FragmentPart& part, const Ports* ports,
                                        std::uint64_t now_ms) {
    const Way first = first_way(hash);
    Way way = find(first, tag_of(hash), key, now_ms);
    if (way.block == nullptr)
        way = allocate(first, tag_of(hash), key, now_ms);
    DatagramState& datagram = way.entry();
    const std::uint64_t number = number_of(way);
    if (datagram.is_poisoned)
        return {Outcome::kOverlaps, number};

    const Units units = units_of(part);
    const std::uint32_t seen = count_seen(way, units.first, units.count);
    const bool contradicts = contradicts_end(datagram, units, part.is_last);
    if (seen == units.count && !contradicts)
        return {Outcome::kDuplicate, number};
    if (seen != 0 || contradicts) {
        datagram.is_poisoned = true;
        return {Outcome::kOverlaps, number};
    }
    mark_seen(way, units.first, units.count);
    ++datagram.fragments;
    if (part.is_last)
        datagram.total_units = static_cast<std::uint16_t>(units.first + units.count);
    if (ports != nullptr) {
        datagram.ports = *ports;
        datagram.has_ports = true;
        releases_ += datagram.held > 0 ? 1 : 0;
    }
    if (!datagram.has_ports) {
        ++datagram.held;
        return {Outcome::kWaits, number};
    }
    free_if_complete(way);
    return {Outcome::kPasses, number};
}

FragmentTable::HeldState FragmentTable::held_state(std::uint64_t number, std::uint32_t serial,
                                                   std::uint64_t now_ms) const {
    const Way way = way_of(number);
    const DatagramState& datagram = way.entry();
    if (datagram.serial != serial || way.expires_ms() <= now_ms || datagram.is_poisoned)
        return HeldState::kGone;
    return datagram.has_ports ? HeldState::kKnown : HeldState::kWaiting;
}

FragmentTable::Place FragmentTable::resume(const DatagramKey& key, std::uint64_t hash,
                                           std::uint64_t now_ms) {
    const Way way = find(first_way(hash), tag_of(hash), key, now_ms);
    if (way.block == nullptr || way.entry().held == 0)
        return {};
    DatagramState& datagram = way.entry();
    --datagram.held;
    if (datagram.is_poisoned)
        return {Outcome::kOverlaps, number_of(way)};
    if (!datagram.has_ports)
        return {};
    free_if_complete(way);
    return {Outcome::kPasses, number_of(way)};
}

bool FragmentTable::is_alone(std::uint64_t number, std::uint32_t serial,
                             std::uint64_t now_ms) const {
    const Way way = way_of(number);
    return way.entry().serial == serial && has_lone_fragment(way.entry(), way.expires_ms(), now_ms);
}

void FragmentTable::evict(std::uint64_t number, std::uint32_t serial) {
    if (way_of(number).entry().serial == serial)
        way_of(number).expires_ms() = 0;
}

void FragmentTable::cancel_hold(std::uint64_t number, std::uint32_t serial) {
    DatagramState& datagram = way_of(number).entry();
    if (datagram.serial == serial && datagram.held > 0)
        --datagram.held;
}

}  // namespace vipfwd::packet
