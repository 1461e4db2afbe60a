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
    std::uint32_t identification = 0;
    std::uint8_t protocol = 0;  // 0 for IPv6

    friend bool operator==(const DatagramKey&, const DatagramKey&) = default;
};

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

// A unit is kFragmentUnit (8) bytes.
struct DatagramState {
    DatagramKey key;
    std::uint64_t expires_ms = 0;   // 0: free
    std::uint32_t serial = 0;       // unique for each datagram that uses this entry
    std::uint32_t held = 0;         // fragments that wait for the first one
    std::uint32_t fragments = 0;    // that have arrived
    std::uint32_t total_units = 0;  // 0: the last fragment has not arrived
    std::uint32_t seen_units = 0;
    std::uint32_t seen_end = 0;     // the first unit after all that have arrived
    std::uint32_t valid_words = 0;  // of DatagramEntry::seen; the others count as zero
    Ports ports;
    bool has_ports = false;
    bool is_poisoned = false;  // fragments overlapped (RFC 5722 §3): all others are dropped
};

// A datagram's bits are cleared as far as its fragments reach: most end long before the last bit.
struct DatagramEntry : DatagramState {
    std::array<std::uint64_t, (kLargestDatagram + 1) / kFragmentUnit / 64> seen;  // a bit a unit
};

class FragmentTable {
  public:
    FragmentTable() = default;
    // Over zeroed memory. The number of entries is a power of two, at least kWays.
    FragmentTable(std::span<DatagramEntry> entries, std::uint32_t worker_count)
        : entries_(entries), worker_count_(worker_count) {}

    static constexpr std::uint32_t kWays = 8;

    // The functions below take the hash of a datagram with its key, because it is needed twice.
    static std::uint64_t hash_of(const DatagramKey& key, const abi::HashKey& hash_key);

    // The worker that processes all fragments of the datagram.
    std::uint32_t owner(std::uint64_t hash) const {
        return static_cast<std::uint32_t>((hash >> 32) % worker_count_);
    }

    enum class Outcome {
        kPasses,     // the datagram's ports are known, see ports_of()
        kWaits,      // they are not known yet: the caller holds the fragment
        kOverlaps,   // drop: the datagram is poisoned
        kDuplicate,  // drop: all of the fragment arrived before
        kTooLate,    // drop: a held fragment whose entry has expired or was evicted
    };
    struct Place {
        Outcome outcome = Outcome::kTooLate;
        std::uint32_t entry = 0;   // for kPasses and kWaits
        std::uint32_t serial = 0;  // for kWaits
    };
    // Notes the arrival of a fragment. `ports` are those of a first fragment, null for others.
    Place add(const DatagramKey& key, std::uint64_t hash, const FragmentPart& part,
              const Ports* ports, std::uint64_t now_ms);
    const Ports& ports_of(std::uint32_t entry) const { return entries_[entry].ports; }

    // The state of a held fragment's datagram. kGone: its entry expired, was evicted, or is
    // poisoned.
    enum class HeldState { kWaiting, kKnown, kGone };
    HeldState held_state(std::uint32_t entry, std::uint32_t serial, std::uint64_t now_ms) const;
    // Takes back a fragment that was held: kPasses, kOverlaps, or kTooLate.
    Place resume(const DatagramKey& key, std::uint64_t hash, std::uint64_t now_ms);
    // True if the held fragment is the only one of its datagram that has arrived, and has been for
    // kLoneGrace_ms.
    bool is_alone(std::uint32_t entry, std::uint32_t serial, std::uint64_t now_ms) const;
    // Evicts the entry of a held fragment's datagram: its state becomes kGone.
    void evict(std::uint32_t entry, std::uint32_t serial);
    // The caller could not hold the fragment after kWaits: it is not waiting any more.
    void cancel_hold(std::uint32_t entry, std::uint32_t serial);

    // Counts the datagrams whose ports became known while fragments waited.
    std::uint64_t releases() const { return releases_; }

  private:
    std::uint32_t first_way(std::uint64_t hash) const;
    DatagramEntry* find(std::uint32_t first, const DatagramKey& key, std::uint64_t now_ms) const;
    DatagramEntry& allocate(std::uint32_t first, const DatagramKey& key, std::uint64_t now_ms);
    static void free_if_complete(DatagramEntry& entry);
    bool is_worth_less(const DatagramEntry& one, const DatagramEntry& other,
                       std::uint64_t now_ms) const;

    std::span<DatagramEntry> entries_;
    std::uint32_t worker_count_ = 1;
    std::uint32_t next_serial_ = 1;
    std::uint64_t releases_ = 0;
};

}  // namespace vipfwd::packet
