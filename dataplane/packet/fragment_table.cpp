// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/fragment_table.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

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
#ifdef __AVX2__
    const __m256i tags = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(set.tags.data()));
    const __m256i equal = _mm256_cmpeq_epi32(tags, _mm256_set1_epi32(static_cast<int>(tag)));
    found = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(equal)));
#else
    for (std::uint32_t way = 0; way < DatagramSet::kWays; ++way)
        found |= (set.tags[way] == tag ? 1u : 0u) << way;
#endif
    return found;
}

// The first way that is free or has expired, or kWays. It tests one way after the other, because
// nearly always the first one is free.
std::uint32_t find_free_way(const DatagramSet& set, std::uint64_t now_ms) {
    std::uint32_t way = 0;
    while (way < DatagramSet::kWays && set.expires_ms[way] > now_ms)
        ++way;
    return way;
}

}  // namespace

std::uint64_t FragmentTable::hash_of(const DatagramKey& key, const abi::HashKey& hash_key) {
    return abi::address_hash(key.source, abi::address_hash(key.destination, key.number, hash_key),
                             hash_key);
}

FragmentTable::Position FragmentTable::position_of(std::uint64_t number) const {
    constexpr std::uint64_t kPerBlock = sizeof(DatagramBlock) / kEntryBytes;
    constexpr std::uint64_t kFirst = sizeof(DatagramBlock::sets) / kEntryBytes;
    const auto at = static_cast<std::uint32_t>(number % kPerBlock - kFirst);
    return {{&blocks_[number / kPerBlock], at % DatagramBlock::kSets}, at / DatagramBlock::kSets};
}

std::uint64_t& FragmentTable::seen(DatagramEntry& entry, std::uint32_t word) const {
    if (word < kFirstSeenWords)
        return entry.first_seen[word];
    const auto [ways, index] = position_of(number_of(entry));
    return ways.block->later_seen[index][ways.set_index][word - kFirstSeenWords];
}

// Looks at the last datagram first, because fragments of one often follow each other. The search
// reads all tags at once: right after allocate() has written one of them, the load would wait until
// that store is in the cache (no store forwarding).
[[gnu::always_inline]] inline FragmentTable::Way FragmentTable::find(std::uint64_t hash,
                                                                     const DatagramKey& key,
                                                                     std::uint64_t now_ms) const {
    const auto is_of_key = [&](const Way& way) {
        return *way.expires_ms > now_ms && way.entry->key == key;
    };
    if (last_.entry != nullptr && is_of_key(last_))
        return last_;
    const Ways ways = ways_of(hash);
    for (std::uint32_t left = ways_with_tag(ways.set(), tag_of(hash)); left != 0;
         left &= left - 1) {
        const Way way = ways[static_cast<std::uint32_t>(std::countr_zero(left))];
        if (is_of_key(way))
            return way;
    }
    return {};
}

// Requires that no way is free. Serials tell which datagram is older, also among those of one
// millisecond.
[[gnu::noinline]] std::uint32_t FragmentTable::choose_victim(const Ways& ways,
                                                             std::uint64_t now_ms) const {
    const auto is_lone = [&](const Way& way) {
        return has_lone_fragment(*way.entry, *way.expires_ms, now_ms);
    };
    std::uint32_t victim = 0;
    for (std::uint32_t other = 1; other < kWays; ++other) {
        const bool is_older =
            next_serial_ - ways[other].entry->serial > next_serial_ - ways[victim].entry->serial;
        if (is_lone(ways[other]) != is_lone(ways[victim]) ? is_lone(ways[other]) : is_older)
            victim = other;
    }
    return victim;
}

[[gnu::always_inline]] inline FragmentTable::Way FragmentTable::allocate(std::uint64_t hash,
                                                                         const DatagramKey& key,
                                                                         std::uint64_t now_ms) {
    const Ways ways = ways_of(hash);
    std::uint32_t index = find_free_way(ways.set(), now_ms);
    if (index == kWays)
        index = choose_victim(ways, now_ms);
    ways.set().tags[index] = tag_of(hash);
    const Way way = ways[index];
    *way.expires_ms = now_ms + kFragmentTimeout_ms;
    DatagramState& datagram = *way.entry;
    datagram = {};
    datagram.key = key;
    datagram.serial = next_serial_++;
    return way;
}

// Of the units [first, first + count).
[[gnu::noinline]] std::uint32_t FragmentTable::count_seen(DatagramEntry& entry, std::uint32_t first,
                                                          std::uint32_t count) const {
    std::uint32_t found = 0;
    for_units(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        if (word < entry.valid_words)
            found += static_cast<std::uint32_t>(std::popcount(seen(entry, word) & mask));
    });
    return found;
}

// Sets the bits of the units, none of which is set, and clears those between the bits that were
// valid before and them.
[[gnu::noinline]] void FragmentTable::set_seen(DatagramEntry& entry, std::uint32_t first,
                                               std::uint32_t count) const {
    for_units(first, count, [&](std::uint32_t word, std::uint64_t mask) {
        while (entry.valid_words <= word)
            seen(entry, entry.valid_words++) = 0;
        seen(entry, word) |= mask;
    });
}

// Requires that none of the units has been seen.
[[gnu::always_inline]] inline void FragmentTable::mark_seen(DatagramEntry& entry,
                                                            std::uint32_t first,
                                                            std::uint32_t count) const {
    const std::uint32_t word = first / 64;
    const bool is_in_one_word = first % 64 + count <= 64;
    if (is_in_one_word && word < kFirstSeenWords && word < entry.valid_words) {
        entry.first_seen[word] |= bits(first % 64, count);
    } else if (is_in_one_word && word < kFirstSeenWords && word == entry.valid_words) {
        entry.first_seen[word] = bits(first % 64, count);
        ++entry.valid_words;
    } else {
        set_seen(entry, first, count);
    }
    entry.seen_units = static_cast<std::uint16_t>(entry.seen_units + count);
    entry.seen_end = std::max(entry.seen_end, static_cast<std::uint16_t>(first + count));
}

// Frees the entry once the whole datagram has arrived and none of its fragments is held.
void FragmentTable::free_if_complete(const Way& way) {
    const DatagramState& datagram = *way.entry;
    if (datagram.total_units != 0 && datagram.seen_units == datagram.total_units &&
        datagram.held == 0 && datagram.has_ports)
        *way.expires_ms = 0;
}

FragmentTable::Place FragmentTable::add(const DatagramKey& key, std::uint64_t hash,
                                        const FragmentPart& part, const Ports* ports,
                                        std::uint64_t now_ms) {
    Way way = find(hash, key, now_ms);
    if (way.entry == nullptr)
        way = allocate(hash, key, now_ms);
    last_ = way;
    DatagramEntry& datagram = *way.entry;
    const std::uint64_t number = number_of(datagram);
    if (datagram.is_poisoned)
        return {Outcome::kOverlaps, number};

    const Units units = units_of(part);
    const std::uint32_t seen =
        units.first < datagram.seen_end ? count_seen(datagram, units.first, units.count) : 0;
    const bool contradicts = contradicts_end(datagram, units, part.is_last);
    if (seen == units.count && !contradicts)
        return {Outcome::kDuplicate, number};
    if (seen != 0 || contradicts) {
        datagram.is_poisoned = true;
        return {Outcome::kOverlaps, number};
    }
    mark_seen(datagram, units.first, units.count);
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
    const DatagramState& datagram = *way.entry;
    if (datagram.serial != serial || *way.expires_ms <= now_ms || datagram.is_poisoned)
        return HeldState::kGone;
    return datagram.has_ports ? HeldState::kKnown : HeldState::kWaiting;
}

FragmentTable::Place FragmentTable::resume(const DatagramKey& key, std::uint64_t hash,
                                           std::uint64_t now_ms) {
    const Way way = find(hash, key, now_ms);
    if (way.entry == nullptr || way.entry->held == 0)
        return {};
    DatagramEntry& datagram = *way.entry;
    --datagram.held;
    if (datagram.is_poisoned)
        return {Outcome::kOverlaps, number_of(datagram)};
    if (!datagram.has_ports)
        return {};
    free_if_complete(way);
    return {Outcome::kPasses, number_of(datagram)};
}

bool FragmentTable::is_alone(std::uint64_t number, std::uint32_t serial,
                             std::uint64_t now_ms) const {
    const Way way = way_of(number);
    return way.entry->serial == serial && has_lone_fragment(*way.entry, *way.expires_ms, now_ms);
}

void FragmentTable::evict(std::uint64_t number, std::uint32_t serial) {
    if (serial_of(number) == serial)
        *way_of(number).expires_ms = 0;
}

void FragmentTable::cancel_hold(std::uint64_t number, std::uint32_t serial) {
    DatagramState& datagram = entry_of(number);
    if (datagram.serial == serial && datagram.held > 0)
        --datagram.held;
}

}  // namespace vipfwd::packet
