// SPDX-License-Identifier: Apache-2.0
// Decides when which advert (RFC 9568 §6.4.3) and which announcement of a VIP is due, for the
// groups whose lease this gateway holds, and writes the frames. Only one worker has an
// AdvertScheduler. It writes one frame at a time, adverts before announcements, so that announcing
// a thousand VIPs does not delay an advert.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/abi/address_conflict.h"
#include "dataplane/abi/lease.h"
#include "dataplane/abi/time_units.h"
#include "dataplane/packet/forwarding_tables.h"

namespace vipfwd::packet {

// RFC 5227 §1.1 DEFEND_INTERVAL.
inline constexpr std::uint64_t kDefendInterval_ns = 10 * kNanosecondsPerS;

// A frame that was written, and the port that is to send it.
struct OutgoingFrame {
    std::uint32_t bytes = 0;
    std::uint8_t port = 0;
    // If the frame is an advert that must still be signed (abi::AdvertSigner): its group, and the
    // offset of the VRRP message. Null: the frame is complete.
    const abi::GroupEntry* signer = nullptr;
    std::uint16_t vrrp_offset = 0;
};

class AdvertScheduler {
  public:
    // Reads the leases and schedules what is due at `now_ns` (CLOCK_MONOTONIC). Call it about every
    // millisecond, and whenever LeaseArea::changes has changed. `healthy`: no worker is stuck.
    // While one is, nothing new is scheduled, because an advert promises that packets are
    // forwarded.
    void update(const Tables& tables, const abi::LeaseArea& leases, std::uint64_t now_ns,
                bool healthy);

    // When update() should be called next although nothing has changed: when the next frame is due,
    // or a lease expires. In the past: next() has more to write. kNever: nothing is scheduled.
    // Requires that update() has been called with this generation.
    std::uint64_t next_update_ns(const Tables& tables, const abi::LeaseArea& leases) const;
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    // Another host uses a VIP of this gateway: announces the VIP again where that host was seen, if
    // the gateway still owns it after abi::kConflictDelay_ns, and at most once in
    // kDefendInterval_ns (RFC 5227 §2.4 (c)).
    void note_conflict(const abi::AddressConflict& conflict, std::uint64_t now_ns);

    // Writes the next frame that is due into `frame`. Nullopt if none is due.
    std::optional<OutgoingFrame> next(const Tables& tables, std::span<std::uint8_t> frame);

  private:
    // The schedule of one lease. Times are CLOCK_MONOTONIC.
    struct GroupSchedule {
        abi::Claim claim;                      // as last read
        std::uint32_t next_advert = kNothing;  // index among the group's adverts
        std::uint32_t next_vip = kNothing;     // index among the generation's VIPs
        std::uint64_t advert_at_ns = 0;        // when the next adverts are due
        std::uint64_t announce_at_ns = 0;      // when the next round of announcements begins
        std::uint64_t announced_at_ns = 0;     // when the last round began
        std::uint64_t vips = 0;                // digest of the group's VIPs
        std::uint8_t rounds = 0;               // since the gateway became owner
    };

    // The VIPs outside all groups, which are announced by a port only when its MAC address changes.
    struct PortSchedule {
        MacAddress mac;  // all zero: not known yet
        std::uint32_t next_vip = kNothing;
    };

    // The defence of one VIP.
    struct Defence {
        IpAddress vip;  // none: unused
        std::uint8_t port = 0;
        bool is_pending = false;
        std::uint64_t at_ns = 0;  // when to announce it, or when it was last announced

        bool is_recent(std::uint64_t now_ns) const {
            return is_pending || (at_ns != 0 && now_ns < at_ns + kDefendInterval_ns);
        }
    };

    static constexpr std::uint32_t kNothing = 0xffffffff;
    static constexpr std::size_t kMostDefences = 16;  // of different VIPs in kDefendInterval_ns

    void read_generation(const abi::Generation& generation, std::uint64_t now_ns);
    void note_macs(const Tables& tables, std::uint64_t now_ns);
    void apply_claim(GroupSchedule& schedule, const abi::Claim& claim, std::uint64_t now_ns);
    void start_due(GroupSchedule& schedule, const abi::GroupEntry& group, std::uint64_t now_ns);
    std::optional<OutgoingFrame> next_advert(const Tables& tables, std::span<std::uint8_t> frame);
    std::optional<OutgoingFrame> next_defence(const Tables& tables, std::span<std::uint8_t> frame);
    std::optional<OutgoingFrame> next_announcement(const Tables& tables,
                                                   std::span<std::uint8_t> frame);
    std::optional<OutgoingFrame> next_on_moved_port(const Tables& tables,
                                                    std::span<std::uint8_t> frame);
    bool may_defend(const Tables& tables, const Defence& defence) const;

    std::array<GroupSchedule, abi::kMaxGroups> schedules_;  // by lease
    std::array<Defence, kMostDefences> defences_;
    std::array<PortSchedule, abi::kMaxPorts> ports_;
    std::uint64_t now_ns_ = 0;      // of the last update()
    std::uint64_t generation_ = 0;  // to which the indices in schedules_ refer
    bool has_more_ = false;
    bool healthy_ = true;  // see update()
};

}  // namespace vipfwd::packet
