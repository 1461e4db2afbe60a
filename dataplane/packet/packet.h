// SPDX-License-Identifier: Apache-2.0
// What the stages know about a frame: written by parse, completed stage by stage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/abi/address.h"
#include "dataplane/abi/drop_reason.h"
#include "dataplane/packet/frame.h"

namespace vipfwd::packet {

using abi::DropReason;

// The two of a packet that its backend gets come first, so that to ask for both is one comparison.
enum class Action : std::uint8_t {
    kForward,    // rewritten; leaves by its backend's port
    kSplit,      // to be cut into fragments, which are forwarded in its place (split.h)
    kAnswer,     // rewritten into the gateway's answer; leaves by the port it came in
    kToKernel,   // not ours: unchanged
    kHold,       // unchanged; to be processed again when its datagram is known (`held`)
    kHandOff,    // unchanged; to be processed by another worker (`worker`)
    kDrop,       // for Packet::reason
    kUndecided,  // on its way through the stages
};

enum class Kind : std::uint8_t {
    kOther,
    kArpRequest,
    kNeighborSolicitation,
    kFlow,           // TCP or UDP, whole, with its ports
    kFirstFragment,  // of TCP or UDP, with its ports
    kLaterFragment,  // without, until gather finds them; `protocol` may be any
    kIcmpError,      // addresses and ports are those of the flow it is about, towards the VIP
    kEchoRequest,
    kNoPorts,  // any other protocol
};

inline constexpr std::uint32_t kNone = 0xffffffff;

// One cache line.
struct alignas(64) Packet {
    IpAddress source;             // parse
    IpAddress destination;        // parse; for ARP and neighbor solicitations the target
    std::uint64_t hash = 0;       // match: FlowHash::destination_part, track: flow_hash
    Be16 source_port;             // parse, gather: TCP and UDP
    Be16 destination_port;        // parse, gather: TCP and UDP
    std::uint8_t protocol = 0;    // parse
    bool is_v4 = true;            // parse: the packet that carries it, see also Kind::kIcmpError
    std::uint16_t ip_length = 0;  // parse: bytes of the IP packet, without padding behind it
    union {
        std::uint32_t service = kNone;  // match: index into the services
        std::uint32_t held;             // gather, of kHold: FragmentTable::standing
    };
    union {
        std::uint32_t backend = kNone;  // track, select: index into the backends of the generation
        std::uint32_t worker;           // gather, of kHandOff
        std::uint32_t held_serial;      // gather, of kHold: FragmentTable::standing
    };
    std::uint16_t l4_offset = 0;  // parse: from the frame's start to TCP, UDP, ICMP
    std::uint8_t l3_offset = 0;   // parse: from the frame's start to IP or ARP
    std::uint8_t tcp_flags = 0;   // parse
    Kind kind = Kind::kOther;     // parse
    Action action = Action::kUndecided;
    DropReason reason = DropReason::kEthernetTruncated;  // of kDrop, or of has_fault
    // parse: wrong in a way that only matters to the host it is for, so it is dropped if that is
    // us.
    bool has_fault = false;

    // TCP or UDP, whole and sound, and on its way through the stages: asked as one word.
    bool is_flow() const {
        constexpr std::uint32_t kAll = 0xff00ffff;  // but `reason`
        constexpr std::uint32_t kFlow = static_cast<std::uint32_t>(Kind::kFlow) |
                                        static_cast<std::uint32_t>(Action::kUndecided) << 8;
        std::uint32_t word;
        std::memcpy(&word, &kind, sizeof word);
        return (word & kAll) == kFlow;
    }
    // As make_target makes it.
    std::uint32_t target() const {
        std::uint32_t word;
        std::memcpy(&word, &destination_port, sizeof word);
        return word & 0xffffff;
    }
    bool undecided() const { return action == Action::kUndecided; }
    void drop(DropReason why) {
        action = Action::kDrop;
        reason = why;
    }
    void fault(DropReason why) {
        has_fault = true;
        reason = why;
    }
};

static_assert(sizeof(Packet) == 64);
static_assert(offsetof(Packet, protocol) == offsetof(Packet, destination_port) + 2);
static_assert(offsetof(Packet, action) == offsetof(Packet, kind) + 1 &&
              offsetof(Packet, reason) == offsetof(Packet, kind) + 2 &&
              offsetof(Packet, has_fault) == offsetof(Packet, kind) + 3);

inline constexpr std::uint32_t kBurstSize = 32;

// Frames received together, on one port, and what is known of them.
struct Burst {
    std::uint32_t count = 0;
    // Fragments that were held, and go through the stages for the second time.
    bool resumed = false;
    std::array<Frame, kBurstSize> frames;
    std::array<Packet, kBurstSize> packets;

    std::span<Frame> all_frames() { return {frames.data(), count}; }
    std::span<Packet> all_packets() { return {packets.data(), count}; }
};

}  // namespace vipfwd::packet
