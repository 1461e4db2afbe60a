// SPDX-License-Identifier: Apache-2.0
// Tracks the fragmented datagrams of one worker: which bytes have arrived, and the ports, which
// only the first fragment has. Nothing is reassembled: each fragment is forwarded by itself, and
// those ahead of the first one as soon as the first one has arrived.
//
// All fragments of a datagram are processed by one worker, its owner. A datagram's entry lives
// until all of it has passed, at most kFragmentTimeout_ms. If too many datagrams arrive, entries
// are evicted: the oldest of which a single fragment has arrived, and no other for kLoneGrace_ms,
// because its datagram may be forged; if there is none, the oldest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hash.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

inline constexpr std::uint32_t kFragmentTimeout_ms = 2000;
inline constexpr std::uint32_t kLoneGrace_ms = 5;

// What identifies the datagram of a fragment: RFC 791 §3.2, RFC 8200 §4.5.
struct DatagramKey {
    IpAddress source;
    IpAddress destination;
    std::uint64_t number = 0;  // of make_datagram_number()

    friend bool operator==(const DatagramKey&, const DatagramKey&) = default;
};

// `identification` as in the packet; `protocol` is 0 for IPv6.
constexpr std::uint64_t make_datagram_number(std::uint32_t identification, std::uint8_t protocol) {
    return std::uint64_t{identification} << 8 | protocol;
}

// Which part of its datagram a fragment is.
struct FragmentPart {
    std::uint32_t offset = 0;  // bytes, a multiple of 8
    std::uint32_t length = 0;  // bytes, at least 1; offset + length <= kLargestDatagram
    bool is_last = false;
};

// What only the first fragment has.
struct Ports {
    Be16 source;
    Be16 destination;
    std::uint8_t protocol = 0;  // TCP or UDP, even if extension headers precede it
};

// A unit is kFragmentUnit (8) bytes. One cache line.
struct DatagramState {
    DatagramKey key;
    std::uint32_t serial = 0;       // see serial_of()
    std::uint16_t held = 0;         // fragments that wait for the first one
    std::uint16_t fragments = 0;    // that have arrived
    std::uint16_t total_units = 0;  // 0: the last fragment has not arrived
    std::uint16_t seen_units = 0;
    std::uint16_t seen_end = 0;     // the first unit after all that have arrived
    std::uint16_t valid_words = 0;  // of the bits; the others count as zero
    Ports ports;
    bool has_ports = false;
    bool is_poisoned = false;  // fragments overlapped (RFC 5722 §3): all others are dropped
};
static_assert(sizeof(DatagramState) == 64);

// A bit for each unit of a datagram, in words. They are cleared as far as the fragments reach: most
// datagrams end long before the last bit. The first words, up to 4 KiB of the datagram, are with
// its state, so that few pages are in use, which the TLB holds.
inline constexpr std::uint32_t kSeenWords = (kLargestDatagram + 1) / kFragmentUnit / 64;
inline constexpr std::uint32_t kFirstSeenWords = 8;

struct alignas(64) DatagramEntry : DatagramState {
    std::array<std::uint64_t, kFirstSeenWords> first_seen;
};
using LaterSeenWords = std::array<std::uint64_t, kSeenWords - kFirstSeenWords>;

// The datagrams whose hashes are alike. What is searched for one.
struct alignas(64) DatagramSet {
    static constexpr std::uint32_t kWays = 8;

    std::array<std::uint32_t, kWays> tags{};        // the upper half of the datagrams' hashes
    std::array<std::uint64_t, kWays> expires_ms{};  // 0: free
};

// Memory for kEntries datagrams. Few datagrams use only the first way of each set, and what belongs
// to that way is together.
struct DatagramBlock {
    static constexpr std::uint32_t kSets = 16;
    static constexpr std::uint32_t kEntries = kSets * DatagramSet::kWays;

    std::array<DatagramSet, kSets> sets;
    // By way, then set.
    std::array<std::array<DatagramEntry, kSets>, DatagramSet::kWays> entries;
    std::array<std::array<LaterSeenWords, kSets>, DatagramSet::kWays> later_seen;
};
// See FragmentTable::number_of().
static_assert(sizeof(DatagramBlock) % sizeof(DatagramEntry) == 0 &&
              sizeof(DatagramBlock::sets) % sizeof(DatagramEntry) == 0);

class FragmentTable {
  public:
    FragmentTable() = default;
    // The number of blocks is a power of two.
    FragmentTable(std::span<DatagramBlock> blocks, std::uint32_t worker_count)
        : blocks_(blocks), worker_count_(worker_count) {}

    // The functions below take the hash of a datagram with its key, because it is needed twice.
    static std::uint64_t hash_of(const DatagramKey& key, const abi::HashKey& hash_key);

    // The worker that processes all fragments of the datagram.
    std::uint32_t owner(std::uint64_t hash) const {
        return static_cast<std::uint32_t>((hash >> 32) * worker_count_ >> 32);
    }

    // Prefetches what add() and resume() search.
    void prefetch(std::uint64_t hash) const {
        const DatagramSet& set = ways_of(hash).set();
        __builtin_prefetch(&set.tags);
        __builtin_prefetch(&set.expires_ms.back());
    }

    enum class Outcome : std::uint64_t {
        kPasses,     // the datagram's ports are known, see ports_of()
        kWaits,      // they are not known yet: the caller holds the fragment
        kOverlaps,   // drop: the datagram is poisoned
        kDuplicate,  // drop: all of the fragment arrived before
        kTooLate,    // drop: a held fragment whose entry has expired or was evicted
    };
    // Fields of 8 bytes are returned in a register each. Smaller ones would share a register, be
    // put together in memory, and could not be read back at once (store forwarding).
    struct Place {
        Outcome outcome = Outcome::kTooLate;
        std::uint64_t entry = 0;  // for kPasses and kWaits
    };
    // Notes the arrival of a fragment. `ports` are those of a first fragment, null for others.
    Place add(const DatagramKey& key, std::uint64_t hash, const FragmentPart& part,
              const Ports* ports, std::uint64_t now_ms);
    const Ports& ports_of(std::uint64_t number) const { return entry_of(number).ports; }
    // Unique for each datagram that uses the entry.
    std::uint32_t serial_of(std::uint64_t number) const { return entry_of(number).serial; }

    // The state of a held fragment's datagram. kGone: its entry expired, was evicted, or is
    // poisoned.
    enum class HeldState { kWaiting, kKnown, kGone };
    HeldState held_state(std::uint64_t number, std::uint32_t serial, std::uint64_t now_ms) const;
    // Takes back a fragment that was held: kPasses, kOverlaps, or kTooLate.
    Place resume(const DatagramKey& key, std::uint64_t hash, std::uint64_t now_ms);
    // True if the held fragment is the only one of its datagram that has arrived, and has been for
    // kLoneGrace_ms.
    bool is_alone(std::uint64_t number, std::uint32_t serial, std::uint64_t now_ms) const;
    // Evicts the entry of a held fragment's datagram: its state becomes kGone.
    void evict(std::uint64_t number, std::uint32_t serial);
    // The caller could not hold the fragment after kWaits: it is not waiting any more.
    void cancel_hold(std::uint64_t number, std::uint32_t serial);

    // Counts the datagrams whose ports became known while fragments waited.
    std::uint64_t releases() const { return releases_; }

  private:
    static constexpr std::uint32_t kWays = DatagramSet::kWays;
    static constexpr std::uint64_t kEntryBytes = sizeof(DatagramEntry);

    // One way of a set.
    struct Way {
        DatagramEntry* entry = nullptr;  // null: none
        std::uint64_t* expires_ms = nullptr;
    };

    // All ways of a set.
    struct Ways {
        DatagramBlock* block;
        std::uint32_t set_index;

        DatagramSet& set() const { return block->sets[set_index]; }
        Way operator[](std::uint32_t index) const {
            return {&block->entries[index][set_index], &set().expires_ms[index]};
        }
    };

    static std::uint32_t tag_of(std::uint64_t hash) {
        return static_cast<std::uint32_t>(hash >> 32);
    }
    Ways ways_of(std::uint64_t hash) const {
        const std::uint64_t block = hash / DatagramBlock::kSets & (blocks_.size() - 1);
        return {&blocks_[block], static_cast<std::uint32_t>(hash % DatagramBlock::kSets)};
    }
    // The number of an entry is its distance from the first block in entries, because that needs no
    // division.
    std::uint64_t number_of(const DatagramEntry& entry) const {
        return static_cast<std::uint64_t>(reinterpret_cast<const std::byte*>(&entry) -
                                          as_bytes(blocks_).data()) /
               kEntryBytes;
    }
    DatagramEntry& entry_of(std::uint64_t number) const {
        return *reinterpret_cast<DatagramEntry*>(as_writable_bytes(blocks_).data() +
                                                 number * kEntryBytes);
    }
    struct Position {
        Ways ways;
        std::uint32_t index;
    };
    Position position_of(std::uint64_t number) const;
    Way way_of(std::uint64_t number) const {
        const Position at = position_of(number);
        return at.ways[at.index];
    }
    // A word of the bits of an entry.
    std::uint64_t& seen(DatagramEntry& entry, std::uint32_t word) const;
    Way find(std::uint64_t hash, const DatagramKey& key, std::uint64_t now_ms) const;
    Way allocate(std::uint64_t hash, const DatagramKey& key, std::uint64_t now_ms);
    std::uint32_t choose_victim(const Ways& ways, std::uint64_t now_ms) const;
    std::uint32_t count_seen(DatagramEntry& entry, std::uint32_t first, std::uint32_t count) const;
    void set_seen(DatagramEntry& entry, std::uint32_t first, std::uint32_t count) const;
    void mark_seen(DatagramEntry& entry, std::uint32_t first, std::uint32_t count) const;
    static void free_if_complete(const Way& way);

    std::span<DatagramBlock> blocks_;
    std::uint32_t worker_count_ = 1;
    std::uint32_t next_serial_ = 1;
    std::uint64_t releases_ = 0;
    Way last_;  // of the datagram whose fragment was added last
};

}  // namespace vipfwd::packet
