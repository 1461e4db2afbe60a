// SPDX-License-Identifier: Apache-2.0
// Leases: the ownership of each group's VIPs, as control last decided it. A lease may change at any
// time, so it is not part of a generation; a single 64-bit word, the claim, carries the decision.
//
//   claim               what the dataplane does for the group now (Claim)
//   expires_ns          until when the claim is valid; control renews it every 50 ms
//   election_state      control's note to its successor: the state of the VRRP election
//   operator_override   control's note to its successor: `vipctl group priority|disable`
//   last_sequence       the sequence number of the last advert that control signed
//
// The dataplane acts on a valid claim: as owner it answers ARP and neighbor discovery for the VIPs,
// announces them and sends the group's adverts. A claim that is not renewed expires, because
// control is dead or hangs; the dataplane then resigns by itself. Packets of services are forwarded
// whatever a lease says.
#pragma once

#include <cstdint>
#include <type_traits>

#include "dataplane/abi/address_conflict.h"
#include "dataplane/abi/enum.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/shared.h"

namespace vipfwd::abi {

enum class LeaseState : std::uint8_t {
    kBackup = 0,       // does not own the VIPs; a former owner sends one more advert
    kOwner = 1,        // answers, announces, advertises
    kHandingOver = 2,  // has sent one advert of priority 0; answers until a peer has taken over
    kResigned = 3,     // has sent one advert of priority 0; does not answer any more
    kLast = kResigned,
};

constexpr bool owns(LeaseState state) {
    return state == LeaseState::kOwner || state == LeaseState::kHandingOver;
}

// The word in GroupLease::claim. When control raises `epoch`, an owner sends an advert at once;
// when it raises `announcement`, the owner announces the VIPs again.
struct Claim {
    std::uint32_t epoch = 0;
    std::uint16_t announcement = 0;
    LeaseState state = LeaseState::kBackup;
    std::uint8_t priority = 0;  // in adverts, 1..255

    static constexpr Claim unpack(std::uint64_t word) {
        return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint16_t>(word >> 16),
                static_cast<LeaseState>(word >> 8 & 0x3), static_cast<std::uint8_t>(word)};
    }
    constexpr std::uint64_t pack() const {
        return std::uint64_t{epoch} << 32 | std::uint64_t{announcement} << 16 |
               std::uint64_t{static_cast<std::uint8_t>(state)} << 8 | priority;
    }
    friend constexpr bool operator==(const Claim&, const Claim&) = default;
};

// `control: wo, dataplane: ro`; a control that adopts a region reads what its predecessor wrote.
struct alignas(64) GroupLease {
    SharedWord claim;              // Claim
    SharedWord expires_ns;         // CLOCK_MONOTONIC
    SharedWord election_state;     // only control reads it, after a restart
    SharedWord operator_override;  // only control reads it, after a restart
    SharedWord last_sequence;      // of the last advert that control signed, see advert_auth.h
    std::uint64_t reserved[3];

    // The claim at `now_ns`: one that has expired counts as resigned.
    Claim at(std::uint64_t now_ns) const {
        Claim now = Claim::unpack(claim.load());
        if (vipfwd::abi::owns(now.state) && now_ns >= expires_ns.load())
            now.state = LeaseState::kResigned;
        return now;
    }
    // Whether the gateway answers for the VIPs.
    bool owns(std::uint64_t now_ns) const { return vipfwd::abi::owns(at(now_ns).state); }
};

// The highest sequence number received from one sender of authenticated adverts. `sender` is a
// digest of the group, source address and key (control/vrrp/received_sequences.h); 0: unused.
struct ReceivedSequence {
    SharedWord sender;
    SharedWord sequence;
};

struct LeaseArea {
    SharedWord changes;  // counts the stores to claims, so that a worker polls this word only
    std::uint64_t reserved[7];
    GroupLease groups[kMaxGroups];                               // by GroupEntry::lease
    ReceivedSequence received_sequences[kMaxReceivedSequences];  // only control reads them
    ConflictLog conflicts;  // that control noticed in what the kernel gets: the dataplane defends
};

static_assert(kEnumCount<LeaseState> == 4, "Claim::unpack() takes 2 bits, of which all are known");
static_assert(sizeof(GroupLease) == 64);
static_assert(std::is_standard_layout_v<LeaseArea>);

}  // namespace vipfwd::abi
