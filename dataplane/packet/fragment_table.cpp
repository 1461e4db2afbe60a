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

std::uint32_t count_seen(const DatagramEntry& entry, const Units& units) {
    std::uint32_t seen = 0;
    for_units(units.first, units.count, [&](std::uint32_t word, std::uint64_t mask) {
        if (word < entry.valid_words)
            seen += static_cast<std::uint32_t>(std::popcount(entry.seen[word] & mask));
    });
    return seen;
}

// Requires that none of the units has been seen.
void mark_seen(DatagramEntry& entry, const Units& units) {
    for_units(units.first, units.count, [&](std::uint32_t word, std::uint64_t mask) {
        while (entry.valid_words <= word)
            entry.seen[entry.valid_words++] = 0;
        entry.seen[word] |= mask;
    });
    entry.seen_units += units.count;
    entry.seen_end = std::max(entry.seen_end, units.first + units.count);
}

// True if the fragment lies beyond the end of the datagram, sets another end, or sets an end before
// bytes that have arrived.
bool contradicts_end(const DatagramEntry& entry, const Units& units, bool is_last) {
    const std::uint32_t end = units.first + units.count;
    if (entry.total_units != 0)
        return end > entry.total_units || (is_last && end != entry.total_units);
    return is_last && entry.seen_end > end;
}

// One fragment has arrived, and no other within the grace.
bool has_lone_fragment(const DatagramEntry& entry, std::uint64_t now_ms) {
    return entry.fragments == 1 && entry.expires_ms + kLoneGrace_ms <= now_ms + kFragmentTimeout_ms;
}

}  // namespace

std::uint64_t FragmentTable::hash_of(const DatagramKey& key, const abi::HashKey& hash_key) {
    const std::uint64_t purpose = std::uint64_t{key.identification} << 8 | key.protocol;
    return abi::address_hash(key.source, abi::address_hash(key.destination, purpose, hash_key),
                             hash_key);
}

std::uint32_t FragmentTable::first_way(std::uint64_t hash) const {
    const auto sets = static_cast<std::uint32_t>(entries_.size()) / kWays;
    return (static_cast<std::uint32_t>(hash) & (sets - 1)) * kWays;
}

DatagramEntry* FragmentTable::find(std::uint32_t first, const DatagramKey& key,
                                   std::uint64_t now_ms) const {
    for (DatagramEntry& entry : entries_.subspan(first, kWays)) {
        if (entry.expires_ms > now_ms && entry.key == key)
            return &entry;
    }
    return nullptr;
}

// True if `one` is to be evicted before `other`. Serials tell which datagram is older, also among
// those of one millisecond; a free entry is worth least.
bool FragmentTable::is_worth_less(const DatagramEntry& one, const DatagramEntry& other,
                                  std::uint64_t now_ms) const {
    const auto rank = [now_ms](const DatagramEntry& entry) {
        return entry.expires_ms == 0 ? 0 : has_lone_fragment(entry, now_ms) ? 1 : 2;
    };
    if (rank(one) != rank(other))
        return rank(one) < rank(other);
    return next_serial_ - one.serial > next_serial_ - other.serial;
}

DatagramEntry& FragmentTable::allocate(std::uint32_t first, const DatagramKey& key,
                                       std::uint64_t now_ms) {
    DatagramEntry* victim = &entries_[first];
    for (DatagramEntry& entry : entries_.subspan(first, kWays)) {
        if (entry.expires_ms <= now_ms)
            entry.expires_ms = 0;
        if (is_worth_less(entry, *victim, now_ms))
            victim = &entry;
    }
    static_cast<DatagramState&>(*victim) = {};
    victim->key = key;
    victim->expires_ms = now_ms + kFragmentTimeout_ms;
    victim->serial = next_serial_++;
    return *victim;
}

// Frees the entry once the whole datagram has arrived and none of its fragments is held.
void FragmentTable::free_if_complete(DatagramEntry& entry) {
    if (entry.total_units != 0 && entry.seen_units == entry.total_units && entry.held == 0 &&
        entry.has_ports)
        entry.expires_ms = 0;
}

FragmentTable::Place FragmentTable::add(const DatagramKey& key, std::uint64_t hash,
                                        const FragmentPart& part, const Ports* ports,
                                        std::uint64_t now_ms) {
    const std::uint32_t first = first_way(hash);
    DatagramEntry* entry = find(first, key, now_ms);
    if (entry == nullptr)
        entry = &allocate(first, key, now_ms);
    const auto index = static_cast<std::uint32_t>(entry - entries_.data());
    if (entry->is_poisoned)
        return {Outcome::kOverlaps, index, 0};

    const Units units = units_of(part);
    const std::uint32_t seen = count_seen(*entry, units);
    const bool contradicts = contradicts_end(*entry, units, part.is_last);
    if (seen == units.count && !contradicts)
        return {Outcome::kDuplicate, index, 0};
    if (seen != 0 || contradicts) {
        entry->is_poisoned = true;
        return {Outcome::kOverlaps, index, 0};
    }
    mark_seen(*entry, units);
    ++entry->fragments;
    if (part.is_last)
        entry->total_units = units.first + units.count;
    if (ports != nullptr) {
        entry->ports = *ports;
        entry->has_ports = true;
        releases_ += entry->held > 0 ? 1 : 0;
    }
    if (!entry->has_ports) {
        ++entry->held;
        return {Outcome::kWaits, index, entry->serial};
    }
    free_if_complete(*entry);
    return {Outcome::kPasses, index, 0};
}

FragmentTable::HeldState FragmentTable::held_state(std::uint32_t entry, std::uint32_t serial,
                                                   std::uint64_t now_ms) const {
    const DatagramEntry& one = entries_[entry];
    if (one.serial != serial || one.expires_ms <= now_ms || one.is_poisoned)
        return HeldState::kGone;
    return one.has_ports ? HeldState::kKnown : HeldState::kWaiting;
}

FragmentTable::Place FragmentTable::resume(const DatagramKey& key, std::uint64_t hash,
                                           std::uint64_t now_ms) {
    DatagramEntry* entry = find(first_way(hash), key, now_ms);
    if (entry == nullptr || entry->held == 0)
        return {};
    const auto index = static_cast<std::uint32_t>(entry - entries_.data());
    --entry->held;
    if (entry->is_poisoned)
        return {Outcome::kOverlaps, index, 0};
    if (!entry->has_ports)
        return {};
    free_if_complete(*entry);
    return {Outcome::kPasses, index, 0};
}

bool FragmentTable::is_alone(std::uint32_t entry, std::uint32_t serial,
                             std::uint64_t now_ms) const {
    return entries_[entry].serial == serial && has_lone_fragment(entries_[entry], now_ms);
}

void FragmentTable::evict(std::uint32_t entry, std::uint32_t serial) {
    if (entries_[entry].serial == serial)
        entries_[entry].expires_ms = 0;
}

void FragmentTable::cancel_hold(std::uint32_t entry, std::uint32_t serial) {
    DatagramEntry& one = entries_[entry];
    if (one.serial == serial && one.held > 0)
        --one.held;
}

}  // namespace vipfwd::packet
