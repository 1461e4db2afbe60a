// SPDX-License-Identifier: Apache-2.0
// What the gateway says unasked, for the groups whose lease it holds: adverts (RFC 9568 §6.4.3) and
// announcements of VIPs. Only one worker speaks. Frames are made one by one, adverts before
// announcements, so that a thousand VIPs to announce delay no advert.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/abi/lease.h"
#include "dataplane/packet/forwarding_tables.h"

namespace vipfwd::packet {

// A frame that was written, and the port to send it by.
struct OutgoingFrame {
    std::uint32_t bytes = 0;
    std::uint8_t port = 0;
    // Of an advert that is still to be signed (abi::AdvertSigner): whose it is, and where the VRRP
    // message begins. Null: the frame is complete.
    const abi::GroupEntry* signer = nullptr;
    std::uint16_t vrrp_offset = 0;
};

class AdvertScheduler {
  public:
    // Looks at the leases: what has changed, and whose time it is. To be called about every
    // millisecond, and whenever LeaseArea::changes does. While not `healthy`, some worker is stuck:
    // then an advert would promise too much.
    void look(const Tables& tables, const abi::LeaseArea& leases, std::uint64_t now_ns,
              bool healthy);

    // Writes the next frame that is due; nothing if none is.
    std::optional<OutgoingFrame> next(const Tables& tables, std::span<std::uint8_t> frame);

  private:
    // Of one lease.
    struct GroupSchedule {
        abi::Claim claim;                      // as it was last seen
        std::uint32_t next_advert = kNothing;  // of the group's, to be sent in this turn
        std::uint32_t next_vip = kNothing;     // of the generation, to be announced
        std::uint64_t advert_at_ns = 0;        // the next turn
        std::uint64_t announce_at_ns = 0;      // the next round of announcements
        std::uint64_t announced_at_ns = 0;     // the last one's begin
        std::uint64_t vips = 0;                // a digest of those of the generation
        std::uint8_t rounds = 0;               // since it became owner
    };

    static constexpr std::uint32_t kNothing = 0xffffffff;

    void read(const abi::Generation& generation, std::uint64_t now_ns);
    void hear(GroupSchedule& voice, const abi::Claim& claim, std::uint64_t now_ns);
    void keep_time(GroupSchedule& voice, const abi::GroupEntry& group, std::uint64_t now_ns);
    void begin_advert(GroupSchedule& voice);
    std::optional<OutgoingFrame> next_advert(const Tables& tables, std::span<std::uint8_t> frame);
    std::optional<OutgoingFrame> next_announcement(const Tables& tables,
                                                   std::span<std::uint8_t> frame);

    std::array<GroupSchedule, abi::kMaxGroups> voices_;  // by lease
    std::uint64_t generation_ = 0;                       // that the places in it are of
    bool has_more_ = false;
};

}  // namespace vipfwd::packet
