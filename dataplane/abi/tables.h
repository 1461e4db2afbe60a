// SPDX-License-Identifier: Apache-2.0
// One generation: the immutable tables that control publishes and the dataplane reads.
// Every field is `control: wo, dataplane: ro` unless said otherwise.
//
// A generation in the region is a Generation at a fixed place; the first `*_count` entries of each
// array are used, the rest is undefined. Entries refer to each other by index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "dataplane/abi/address.h"
#include "dataplane/abi/forward_mode.h"
#include "dataplane/abi/hash.h"
#include "dataplane/abi/hmac.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::abi {

inline constexpr std::uint64_t kGenerationMagic = 0x31'6e'65'67'66'70'69'76;  // "vipfgen1"

// Idle times after which the dataplane forgets a flow, by its state; 1..kMaxFlowTimeout_s each. A
// full table forgets flows earlier that have not proven to last.
struct FlowTimeouts {
    std::uint16_t opening_s;      // TCP, only SYNs seen
    std::uint16_t established_s;  // TCP (RFC 5382 REQ-5)
    std::uint16_t closing_s;      // TCP, a FIN or RST seen
    std::uint16_t udp_s;          // RFC 4787 REQ-5

    constexpr std::uint16_t longest_s() const {
        const std::uint16_t tcp = established_s > closing_s ? established_s : closing_s;
        const std::uint16_t other = opening_s > udp_s ? opening_s : udp_s;
        return tcp > other ? tcp : other;
    }
    friend constexpr bool operator==(const FlowTimeouts&, const FlowTimeouts&) = default;
};

inline constexpr FlowTimeouts kDefaultFlowTimeouts{
    .opening_s = 60, .established_s = 7440, .closing_s = 240, .udp_s = 300};
inline constexpr std::uint16_t kDefaultServiceShare_percent = 50;

struct GenerationHeader {
    std::uint64_t magic;       // kGenerationMagic
    std::uint64_t generation;  // counts up from 1; never reused in a region
    std::uint64_t checksum;    // see checksum_of() in validate.h
    HashKey key;
    std::uint32_t vip_count;
    std::uint32_t service_count;
    std::uint32_t pool_count;
    std::uint32_t backend_count;
    std::uint32_t port_count;
    std::uint32_t group_count;
    std::uint32_t advert_count;
    std::uint32_t next_pool_salt;  // control's: the salt of the next new pool
    FlowTimeouts timeouts;
    // The most that a worker pins for one service that has its share of the table; 0: no limit.
    std::uint32_t new_flows_per_s;
    std::uint16_t gue_port;  // UDP destination of GUE, host order
    // How much of a worker's flow table the flows of a service may hold while others need the room;
    // 1..100. Services of one flow_class have one share.
    std::uint16_t service_share_percent;
    std::uint64_t reserved[5];
};

// A virtual address. The dataplane answers ARP and neighbor discovery for it while this gateway
// owns it. Packets of its services are always forwarded: an election drops no packet that arrives.
struct VipEntry {
    IpAddress address;
    // GroupEntry::lease of its group. kNoGroup: of no group, always owned. kNeverOwned: its group
    // cannot run here, so this gateway answers for it under no circumstances.
    std::uint16_t lease;
    std::uint8_t flags;  // kVip...
    std::uint8_t reserved[13];
};

// Packets to no service are dropped, except ARP and neighbor discovery (Accept_Mode of RFC 9568
// §6.1 is False).
inline constexpr std::uint8_t kVipRefuses = 1;
// The machine's kernel has the address as well while this gateway owns it, or longer if control
// dies. The kernel must not answer ARP or neighbor discovery for it.
inline constexpr std::uint8_t kVipIsLocal = 2;
inline constexpr std::uint8_t kVipFlags = kVipRefuses | kVipIsLocal;

// Whether adverts have the trailer of advert_auth.h and, if so, the family of the IP header
// directly in front of the VRRP message, whose addresses are authenticated with it.
enum class AdvertAuth : std::uint8_t { kNone = 0, kIpv4 = 1, kIpv6 = 2, kLast = kIpv6 };

// What the dataplane does for a group whose lease says that this gateway owns its VIPs.
struct GroupEntry {
    char name[kNameBytes];  // control's: the group's identity across generations
    std::uint16_t lease;    // index into LeaseArea::groups; stable across generations
    std::uint8_t port;      // index into ports: where it advertises and announces
    std::uint8_t auth;      // AdvertAuth
    std::uint32_t advert_interval_ms;
    std::uint32_t announce_interval_s;  // of announcements, after the first ones
    std::uint32_t first_advert;         // index into adverts
    std::uint32_t advert_count;
    std::uint32_t reserved1;
    HmacKey auth_key;  // a secret; meaningless if `auth` is kNone
    std::uint64_t reserved2[5];
};

inline constexpr std::uint32_t kAdvertBytes = 1532;  // Ethernet, two tags, 1,500 bytes of IP

// Offsets in a VRRP header (RFC 9568 §5.1) of the word with priority and count, and the checksum.
inline constexpr std::uint32_t kVrrpPriorityOffset = 2;
inline constexpr std::uint32_t kVrrpChecksumOffset = 6;

// An advert as a complete frame. The dataplane fills in the source MAC address, the priority, which
// is 0 here (and amends the checksum, RFC 1624), and the trailer if GroupEntry::auth asks for it:
// the frame has room for the trailer.
struct AdvertEntry {
    std::uint16_t bytes;
    std::uint16_t vrrp_offset;  // of the VRRP header in the frame
    std::uint8_t frame[kAdvertBytes];
};

enum class Protocol : std::uint8_t { kTcp = 6, kUdp = 17 };  // as in the IP header
// Which part of a flow chooses its slot of the ring, see ring_slot.h.
enum class Affinity : std::uint8_t {
    kNone = 0,    // the whole flow
    kSource = 1,  // client and VIP: the same slot for all services of a VIP that share a pool
    kLast = kSource,
};

// Flows are not pinned: the ring decides on every packet.
inline constexpr std::uint8_t kServiceRingOnly = 1;
inline constexpr std::uint8_t kServiceFlags = kServiceRingOnly;

// Services of one VIP and protocol do not overlap.
struct ServiceEntry {
    IpAddress vip;
    std::uint16_t port_first;  // host order; 0..65535 is "any port"
    std::uint16_t port_last;   // inclusive
    std::uint8_t protocol;     // Protocol
    std::uint8_t forward;      // Forward
    std::uint8_t affinity;     // Affinity
    std::uint8_t flags;        // kService...
    std::uint32_t pool;        // index into pools
    std::uint32_t counter;  // index into the region's service counters; stable across generations
    std::uint64_t baseline_packets;  // control's: the counter's value when the service got it
    std::uint64_t baseline_bytes;
    std::uint8_t flow_class;  // part of the keys of the service's flows, which it keeps when its
                              // ports change
    std::uint8_t reserved1[15];
};

// A pool's backends are consecutive entries of `backends`. A backend's position among them is its
// index, by which flows and rings name it, and which it keeps across generations.
struct PoolEntry {
    char name[kNameBytes];  // control's: the pool's identity across generations
    std::uint32_t salt;     // part of the keys of the pool's flows; never given to another pool
    std::uint32_t backend_base;   // index of the first into backends
    std::uint32_t backend_count;  // including retired ones
    // Index of its first ring store (ring_store.h). kNoRing: no backend can take a flow.
    std::uint32_t ring_store;
    std::uint32_t ring_slots;  // the size of its rings, which stays while it keeps its salt
    // Control's, so that they outlive its restart.
    std::uint16_t writer;         // of a pool in which one backend serves at a time: 1 + its index
    std::uint8_t tier;            // backends of higher tiers get no flows
    std::uint8_t fails_open;      // 0 or 1: too few backends are up, so that all of them serve
    std::uint64_t ring_checksum;  // of the ring's slots
    // control's: a bit for each flow class of the services that have used the pool since it got its
    // salt
    std::uint64_t flow_classes[kFlowClasses / 64];
};

enum class BackendState : std::uint8_t {
    kRetired = 0,   // removed; its index is not reused until no flow can name it
    kServing = 1,   // in the ring
    kDraining = 2,  // keeps its flows, gets no new ones
    kDown = 3,      // not in the ring; its flows move to other backends
    kLast = kDown,
};

// What the checks of a backend say. Control's: the dataplane goes by the state.
enum class BackendHealth : std::uint8_t {
    kUnchecked = 0,
    kUnknown = 1,  // there is no result yet
    kUp = 2,
    kDown = 3,
    kLast = kDown,
};

// What an operator has chosen for a backend or, if that is nothing, what its agent says. Control's.
enum class BackendAdmin : std::uint8_t {
    kReady = 0,
    kDrain = 1,  // it keeps its flows and gets no new ones
    kMaint = 2,  // the same, and its flows move when its deadline is over
    kAgentDrain = 3,
    kAgentMaint = 4,  // its flows move at once
    kLast = kAgentMaint,
};

struct BackendEntry {
    IpAddress address;
    MacAddress next_hop;    // meaningful if resolved
    std::uint8_t resolved;  // 0 or 1: next_hop and port are known
    std::uint8_t port;      // index into ports: where its packets leave; 0 if not resolved
    std::uint8_t state;     // BackendState
    // Control's, so that they outlive its restart.
    std::uint8_t health;            // BackendHealth
    std::uint8_t admin;             // BackendAdmin
    std::uint8_t weight_is_chosen;  // 0 or 1: by an operator, instead of the configured one
    std::uint16_t weight;           // control's
    std::uint16_t ring_weight;      // control's: in the ring while it serves, see slow start
    std::uint32_t counter;  // index into the region's backend counters; stable across generations
    // Control's: CLOCK_BOOTTIME, seconds. If retired: since when. If in maintenance: when its flows
    // move.
    std::uint32_t time_s;
    std::uint64_t baseline_packets;  // control's: the counter's value when the backend got it
    std::uint64_t baseline_bytes;
    // Control's.
    union {
        std::uint64_t retired_in;  // if retired: the generation
        // If not: when it came up, CLOCK_BOOTTIME, as long as its slow start takes. 0: it is over.
        std::uint64_t came_up_at_ms;
    };
};

// The settings of a port that may change while it runs. In the order of BootParameters::ports.
struct PortEntry {
    IpAddress source_v4;  // source of tunnels over IPv4; none: the port has no IPv4 address
    IpAddress source_v6;
    std::uint32_t mtu;            // bytes of IP packet; 0: the device's
    std::uint16_t vlan;           // 802.1Q tag of all frames; 0: none
    std::uint16_t outer_vlan;     // 802.1ad tag around it; 0: none. Only with `vlan`
    std::uint8_t source_v4_bits;  // that many low bits of source_v4 come from the flow's hash
    std::uint8_t source_v6_bits;
    std::uint16_t reserved0;
    std::uint32_t reserved[5];
};

// In the region, each begins on a page of its own.
struct alignas(4096) Generation {
    GenerationHeader header;
    PortEntry ports[kMaxPorts];
    GroupEntry groups[kMaxGroups];
    AdvertEntry adverts[kMaxAdverts];
    VipEntry vips[kMaxVips];
    ServiceEntry services[kMaxServices];
    PoolEntry pools[kMaxPools];
    BackendEntry backends[kMaxBackends];
};

static_assert(sizeof(GenerationHeader) == 128);
static_assert(sizeof(VipEntry) == 32 && offsetof(VipEntry, flags) == 18);
static_assert(sizeof(GroupEntry) == 192 && sizeof(AdvertEntry) == 1536);
static_assert(sizeof(ServiceEntry) == 64 && offsetof(ServiceEntry, pool) == 24);
static_assert(sizeof(PoolEntry) == 128 && offsetof(PoolEntry, ring_checksum) == 88);
static_assert(kMaxBackendsPerPool < 65'536);  // PoolEntry::writer, and the slots of rings
static_assert(sizeof(BackendEntry) == 64 && offsetof(BackendEntry, baseline_packets) == 40);
static_assert(sizeof(PortEntry) == 64);
static_assert(std::is_standard_layout_v<Generation>);

}  // namespace vipfwd::abi
