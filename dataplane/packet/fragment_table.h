// SPDX-License-Identifier: Apache-2.0
// Datagrams that arrive in fragments, of one worker: which bytes have come, and the ports that only
// the first fragment has. Nothing is put together here: each fragment is forwarded by itself, those
// ahead of the first one as soon as that has come.
//
// All fragments of a datagram meet at one worker (owner()). A datagram's entry lives until all of
// it has passed, at most kFragmentTimeout_ms; in a flood of others the oldest make room.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hash.h"
#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

inline constexpr std::uint32_t kFragmentTimeout_ms = 2000;

// What the fragments of one datagram have in common: RFC 791 §3.2, RFC 8200 §4.5.
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

// What only the first fragment says.
struct Ports {
    Be16 source;
    Be16 destination;
    std::uint8_t protocol = 0;  // TCP or UDP, also where other headers come before it
};

struct DatagramEntry {
    DatagramKey key;
    std::uint64_t expires_ms = 0;   // 0: free
    std::uint32_t serial = 0;       // of its use: tells a datagram from the one before it here
    std::uint32_t held = 0;         // fragments that wait
    std::uint32_t total_units = 0;  // 0: the last fragment has not come
    std::uint32_t seen_units = 0;
    Ports ports;
    bool has_ports = false;
    bool is_poisoned = false;  // fragments overlapped: RFC 5722 §3
    std::array<std::uint64_t, (kLargestDatagram + 1) / kFragmentUnit / 64> seen{};  // a bit a unit
};

class FragmentTable {
  public:
    FragmentTable() = default;
    // Over zeroed memory; the number of entries is a power of two of at least kWays.
    FragmentTable(std::span<DatagramEntry> entries, std::uint32_t worker_count)
        : entries_(entries), worker_count_(worker_count) {}

    static constexpr std::uint32_t kWays = 8;

    // The worker that all fragments of the datagram meet at.
    std::uint32_t owner(const DatagramKey& key, const abi::HashKey& hash_key) const;

    enum class Outcome { kPasses, kWaits, kOverlaps, kDuplicate, kTooLate };
    struct Place {
        Outcome outcome = Outcome::kTooLate;
        std::uint32_t entry = 0;   // of kPasses and kWaits
        std::uint32_t serial = 0;  // of kWaits
    };
    // Notes a fragment that has come. `ports` are those of a first fragment, null for others.
    // kPasses: the datagram's ports are known (ports_of). kWaits: not yet; the caller holds it.
    Place add(const DatagramKey& key, const FragmentPart& part, const Ports* ports,
              const abi::HashKey& hash_key, std::uint64_t now_ms);
    const Ports& ports_of(std::uint32_t entry) const { return entries_[entry].ports; }

    // Of a fragment that is held: is it still to wait?
    enum class Standing { kWaiting, kKnown, kGone };
    Standing standing(std::uint32_t entry, std::uint32_t serial, std::uint64_t now_ms) const;
    // Takes a held fragment back: kPasses, kOverlaps, or kTooLate.
    Place resume(const DatagramKey& key, const abi::HashKey& hash_key, std::uint64_t now_ms);
    // The caller could not hold it after all: as if it had not come.
    void give_up(std::uint32_t entry, std::uint32_t serial);

    // Goes up whenever a datagram becomes known for which fragments wait.
    std::uint64_t releases() const { return releases_; }

  private:
    std::uint32_t first_way(const DatagramKey& key, const abi::HashKey& hash_key) const;
    DatagramEntry* find(std::uint32_t first, const DatagramKey& key, std::uint64_t now_ms) const;
    DatagramEntry& take(std::uint32_t first, const DatagramKey& key, std::uint64_t now_ms);
    static void finish(DatagramEntry& entry);

    std::span<DatagramEntry> entries_;
    std::uint32_t worker_count_ = 1;
    std::uint32_t next_serial_ = 1;
    std::uint64_t releases_ = 0;
};

}  // namespace vipfwd::packet
