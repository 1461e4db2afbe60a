// SPDX-License-Identifier: Apache-2.0
// What the stages know about a frame. Parse fills it in, the later stages add to it.
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

// kForward and kSplit come first, so that one comparison tests for a packet that is forwarded.
enum class Action : std::uint8_t {
    kForward,    // rewritten; leaves by its backend's port
    kSplit,      // unchanged; its fragments are to be forwarded (path/split.h)
    kAnswer,     // rewritten into the gateway's answer; leaves by the port that received it
    kToKernel,   // unchanged; belongs to no service
    kHold,       // unchanged; a fragment to be processed again once its ports are known
    kHandOff,    // unchanged; a fragment to be processed by the worker `worker`
    kDrop,       // dropped for `reason`
    kUndecided,  // still in the stages
};

// Those that are for a service come last, and flows with their fragments at the very end, so that
// one comparison tests for them.
enum class Kind : std::uint8_t {
    kOther,
    kNoPorts,  // any other protocol
    kArpRequest,
    kNeighborSolicitation,
    kEchoRequest,
    kIcmpError,      // addresses and ports are those of the flow it is about, client to VIP
    kLaterFragment,  // of any protocol; without ports until gather finds them
    kFirstFragment,  // of TCP or UDP, with its ports
    kFlow,           // TCP or UDP, whole, with its ports
};

inline constexpr std::uint32_t kNone = 0xffffffff;

// One cache line.
struct alignas(64) Packet {
    IpAddress source;             // parse
    IpAddress destination;        // parse; for ARP and neighbor solicitations the target
    std::uint64_t hash = 0;       // match: FlowHash::destination_part; track: flow_hash
    Be16 source_port;             // parse, gather: TCP and UDP
    Be16 destination_port;        // parse, gather: TCP and UDP
    std::uint8_t protocol = 0;    // parse
    bool is_v4 = true;            // parse: family of the received packet
    std::uint16_t ip_length = 0;  // parse: bytes of the IP packet, without padding
    union {
        std::uint32_t service = kNone;  // match: index into the services
        std::uint32_t held;             // gather, of kHold: entry in the FragmentTable
    };
    union {
        std::uint32_t backend = kNone;  // track, select: index into the backends of the generation
        std::uint32_t worker;           // gather, of kHandOff
        std::uint32_t held_serial;      // gather, of kHold: serial of that entry
    };
    std::uint16_t l4_offset = 0;  // parse: from the frame's start to TCP, UDP, ICMP
    std::uint8_t l3_offset = 0;   // parse: from the frame's start to IP or ARP
    std::uint8_t tcp_flags = 0;   // parse
    Kind kind = Kind::kOther;     // parse
    Action action = Action::kUndecided;
    DropReason reason = DropReason::kEthernetTruncated;  // of kDrop, and of has_fault
    // parse: malformed for `reason`, which only matters to the destination host. Match drops the
    // packet if the destination is a VIP.
    bool has_fault = false;

    // True for undecided TCP or UDP packets, not fragmented and without a fault. Tests kind, action
    // and has_fault with one comparison.
    bool is_flow() const {
        constexpr std::uint32_t kAll = 0xff00ffff;  // all but `reason`
        constexpr std::uint32_t kFlow = static_cast<std::uint32_t>(Kind::kFlow) |
                                        static_cast<std::uint32_t>(Action::kUndecided) << 8;
        std::uint32_t word;
        std::memcpy(&word, &kind, sizeof word);
        return (word & kAll) == kFlow;
    }
    // True for undecided fragments without a fault. Tests kind, action and has_fault with one
    // comparison.
    bool is_fragment() const {
        constexpr std::uint32_t kAll = 0xff00fffe;  // all but `reason` and which kind of fragment
        constexpr std::uint32_t kFragment = static_cast<std::uint32_t>(Kind::kLaterFragment) |
                                            static_cast<std::uint32_t>(Action::kUndecided) << 8;
        static_assert(static_cast<std::uint32_t>(Kind::kLaterFragment) % 2 == 0 &&
                      static_cast<std::uint32_t>(Kind::kFirstFragment) ==
                          static_cast<std::uint32_t>(Kind::kLaterFragment) + 1);
        std::uint32_t word;
        std::memcpy(&word, &kind, sizeof word);
        return (word & kAll) == kFragment;
    }
    // True for undecided packets that are for a service: flows, their fragments, and ICMP errors
    // about them. One comparison: the values of kinds and actions end with those that count.
    bool is_for_service() const {
        std::uint16_t word;
        std::memcpy(&word, &kind, sizeof word);
        return word >= (static_cast<std::uint32_t>(Kind::kIcmpError) |
                        static_cast<std::uint32_t>(Action::kUndecided) << 8);
    }
    // The same as make_target(protocol, destination_port).
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
    void note_fault(DropReason why) {
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

// Frames that are processed together, and what the stages know of them.
struct Burst {
    std::uint32_t count = 0;
    // All frames are fragments that were held, and go through the stages a second time.
    bool resumed = false;
    std::array<Frame, kBurstSize> frames;
    std::array<Packet, kBurstSize> packets;

    std::span<Frame> all_frames() { return {frames.data(), count}; }
    std::span<Packet> all_packets() { return {packets.data(), count}; }
};

}  // namespace vipfwd::packet
