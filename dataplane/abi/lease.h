// SPDX-License-Identifier: Apache-2.0
// Who owns a group's VIPs, as control last decided: a lease. Unlike tables it changes at any time,
// so it is no part of a generation: one word says all of it.
//
// The dataplane acts on a lease: as an owner it answers ARP and neighbor discovery for the group's
// VIPs, announces them and sends the group's adverts. A lease that is not renewed runs out, since
// control is dead or hangs: the dataplane then resigns by itself. Services' packets are forwarded
// whatever a lease says.
#pragma once

#include <cstdint>
#include <type_traits>

#include "dataplane/abi/limits.h"
#include "dataplane/abi/shared.h"

namespace vipfwd::abi {

enum class LeaseState : std::uint8_t {
    kBackup = 0,       // somebody else's, or nobody's; an owner until now advertises once more
    kOwner = 1,        // answers, announces, advertises
    kHandingOver = 2,  // priority 0 was advertised, once; answers until another has taken over
    kResigned = 3,     // the same, and answers no more
};

constexpr bool owns(LeaseState state) {
    return state == LeaseState::kOwner || state == LeaseState::kHandingOver;
}

// The word in GroupLease::claim. A new epoch of an owner is an advert at once, a new `announcement`
// announces the VIPs once more.
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
    SharedWord claim;       // Claim
    SharedWord expires_ns;  // CLOCK_MONOTONIC
    SharedWord standing;    // control's: what it must know to go on after a restart
    SharedWord orders;      // the same: what the operator told it
    SharedWord said;  // the sequence of the last advert that control signed, see advert_auth.h
    std::uint64_t reserved[3];

    // The claim, as far as it is still good.
    Claim at(std::uint64_t now_ns) const {
        Claim now = Claim::unpack(claim.load());
        if (vipfwd::abi::owns(now.state) && now_ns >= expires_ns.load())
            now.state = LeaseState::kResigned;
        return now;
    }
    // Its holder answers for the VIPs.
    bool owns(std::uint64_t now_ns) const { return vipfwd::abi::owns(at(now_ns).state); }
};

// The highest sequence that one sender of authenticated adverts was heard with. `sender` says who,
// for which group and with which key, see control/vrrp/heard.h; 0: nobody.
struct HeardSequence {
    SharedWord sender;
    SharedWord sequence;
};

struct LeaseArea {
    SharedWord changes;  // counts stores to any `claim`: what to look at often
    std::uint64_t reserved[7];
    GroupLease groups[kMaxGroups];   // by GroupEntry::lease
    HeardSequence heard[kMaxHeard];  // control's, for the next control
};

static_assert(sizeof(GroupLease) == 64);
static_assert(std::is_standard_layout_v<LeaseArea>);

}  // namespace vipfwd::abi
