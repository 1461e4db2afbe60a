// SPDX-License-Identifier: Apache-2.0
// Address conflicts: frames whose sender uses a VIP that this gateway owns (RFC 5227 §2.4, RFC 4862
// §5.4.4). Each worker writes those that it receives into a log of its own in the region, and
// control those that only the kernel's side sees. The worker that sends announcements reads all
// logs, and control those of the workers.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "dataplane/abi/address.h"
#include "dataplane/abi/enum.h"
#include "dataplane/abi/shared.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::abi {

enum class ConflictKind : std::uint8_t {
    kUses = 0,    // has announced the VIP, or sent with it as its own address
    kProbes = 1,  // has asked whether the VIP is free, in order to use it
    kLast = kProbes,
};

struct AddressConflict {
    IpAddress vip = {};
    MacAddress sender = {};
    std::uint8_t port = 0;  // that received the frame
    ConflictKind kind = ConflictKind::kUses;
    std::uint64_t at_ns = 0;  // CLOCK_MONOTONIC

    bool is_same_as(const AddressConflict& other) const {
        return vip == other.vip && sender == other.sender && port == other.port &&
               kind == other.kind;
    }
};

// A conflict is one only if the gateway still owns the VIP that much later: before, the sender may
// be the next owner.
inline constexpr std::uint64_t kConflictDelay_ns = kNanosecondsPerS;

// For so long after a VIP has come here, frames of its former owner may still arrive, which are no
// conflict either.
inline constexpr std::uint64_t kFormerOwner_ns = 3 * kNanosecondsPerS;

// One AddressConflict.
struct ConflictRecord {
    SharedWord vip[2];  // IpAddress::words()
    SharedWord sender;  // its MAC address, first byte lowest; above: port, and ConflictKind
    SharedWord at_ns;
};

inline constexpr std::uint64_t kConflictsKept = 16;

// One writer. Conflict number n is at n modulo kConflictsKept.
struct alignas(64) ConflictLog {
    SharedWord written;  // conflicts, for as long as the region lives
    std::uint64_t reserved[7];
    ConflictRecord records[kConflictsKept];

    void write(const AddressConflict& conflict) {
        const std::uint64_t number = written.load();
        ConflictRecord& record = records[number % kConflictsKept];
        const auto words = conflict.vip.words();
        std::uint64_t sender = 0;
        std::memcpy(&sender, conflict.sender.bytes.data(), sizeof conflict.sender.bytes);
        record.vip[0].store(words[0]);
        record.vip[1].store(words[1]);
        record.sender.store(sender | std::uint64_t{conflict.port} << 48 |
                            std::uint64_t{static_cast<std::uint8_t>(conflict.kind)} << 56);
        record.at_ns.store(conflict.at_ns);
        written.store(number + 1);
    }

    AddressConflict read(std::uint64_t number) const {
        const ConflictRecord& record = records[number % kConflictsKept];
        const std::uint64_t words[] = {record.vip[0].load(), record.vip[1].load()};
        const std::uint64_t sender = record.sender.load();
        AddressConflict conflict;
        std::memcpy(conflict.vip.bytes.data(), words, sizeof words);
        std::memcpy(conflict.sender.bytes.data(), &sender, sizeof conflict.sender.bytes);
        conflict.port = static_cast<std::uint8_t>(sender >> 48);
        const auto kind = static_cast<std::uint8_t>(sender >> 56);
        conflict.kind =
            is_known<ConflictKind>(kind) ? static_cast<ConflictKind>(kind) : ConflictKind::kUses;
        conflict.at_ns = record.at_ns.load();
        return conflict;
    }
};

// One reader's place in one log.
class ConflictReader {
  public:
    // Calls `handle` for each conflict since the last call, oldest first. Conflicts that were
    // overwritten meanwhile are skipped.
    template <typename Handle>
    void read(const ConflictLog& log, Handle&& handle) {
        const std::uint64_t written = log.written.load();
        if (written < next_)  // the log of another region
            next_ = 0;
        if (written - next_ > kConflictsKept)
            next_ = written - kConflictsKept;
        for (; next_ < written; ++next_) {
            const AddressConflict conflict = log.read(next_);
            // The writer may be overwriting the record that is kConflictsKept older than the next.
            if (log.written.load() - next_ < kConflictsKept)
                handle(conflict);
        }
    }

  private:
    std::uint64_t next_ = 0;
};

static_assert(sizeof(ConflictLog) == 64 + 32 * kConflictsKept);
static_assert(std::is_standard_layout_v<ConflictLog>);

}  // namespace vipfwd::abi
