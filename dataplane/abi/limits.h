// SPDX-License-Identifier: Apache-2.0
// Every limit of the region, in one place, with the memory it implies.
//
// The region is a memfd of kRegionBytes (see region.h): 368 MiB of address space. On 4 KiB pages
// only the pages that are used take memory (some 2 MiB for a handful of pools); on hugepages all of
// it is reserved (184 pages of 2 MiB), so that no later page fault can fail.
//
//   ring stores   kRingStores x 128 KiB              = 256 MiB (two for each pool: in force, next)
//   generations   2 x 5.0 MiB                        =  10 MiB (64 bytes a backend and a service)
//   check notes   65,536 x 16 bytes                  =   1 MiB (a check has one once it has failed)
//   counters      kMaxWorkers x 1.1 MiB              =  34 MiB (16 bytes a backend, a service)
//   censuses      kMaxWorkers x 2.0 MiB              =  64 MiB (8 KiB a class that has had flows)
//
// A ring has 2 bytes a slot: 128 KiB with the default number of slots, 1.25 MiB with the most, half
// a KiB with the fewest. While a generation gives way to the next one, a changed ring is there
// twice; then control gives the pages of the former one back. So rings take at most 2 x 128 MiB,
// for 1,024 pools that change all at once.
//
// Besides, the dataplane keeps private copies of the generations in use, with the tables derived
// from them: at most 3 x 9.2 MiB.
#pragma once

#include <cstdint>

namespace vipfwd::abi {

inline constexpr std::uint32_t kMaxVips = 8192;
inline constexpr std::uint32_t kMaxGroups = 256;
inline constexpr std::uint32_t kMaxAdverts = 256;  // one per group, or per unicast peer of it
inline constexpr std::uint32_t kMaxReceivedSequences =
    2 * kMaxAdverts;  // senders whose last sequence number is kept
inline constexpr std::uint32_t kMaxServices = 4096;
inline constexpr std::uint32_t kMaxPools = 1024;
inline constexpr std::uint32_t kMaxBackends = 65536;           // of all pools together
inline constexpr std::uint32_t kMaxCheckNotes = kMaxBackends;  // a check has one backend or several
inline constexpr std::uint32_t kMaxBackendsPerPool =
    65535;  // an index fits 16 bits, 65535 is "none"
// The slots of a ring are a prime number, as Maglev needs.
inline constexpr std::uint32_t kMinRingSlots = 251;
inline constexpr std::uint32_t kDefaultRingSlots = 65537;
inline constexpr std::uint32_t kMaxRingSlots = 655373;
// A ring takes one store, or as many consecutive ones as it needs (ring_store.h).
inline constexpr std::uint32_t kRingStoreSlots = 65600;
inline constexpr std::uint32_t kRingStores = 2 * kMaxPools;
// Of all pools together, so that there is room for the rings in force and the next ones.
inline constexpr std::uint32_t kMaxRingStoresInForce = kRingStores / 2;
inline constexpr std::uint32_t kMaxPorts = 16;
inline constexpr std::uint32_t kMaxWorkers = 32;
inline constexpr std::uint32_t kMaxQueuesPerPort = 32;
inline constexpr std::uint32_t kMaxFlowsPerWorker = 1u << 28;
inline constexpr std::uint32_t kNameBytes = 64;     // pools, ports, the gateway; 0-terminated
inline constexpr std::uint32_t kDeviceBytes = 256;  // of an interface, PCI address, file or devargs
inline constexpr std::uint32_t kInterfaceBytes = 16;  // of a kernel interface (IFNAMSIZ)

inline constexpr std::uint32_t kMaxWatchedBackends = 64;  // see WatchedBackends
inline constexpr std::uint32_t kFlowClasses = 256;        // of ServiceEntry::flow_class

inline constexpr std::uint16_t kNoBackend = 0xffff;
inline constexpr std::uint32_t kNoRing = 0xffffffff;  // in place of the index of a ring store

// A lease is the index of a GroupLease. These stand where there is none.
inline constexpr std::uint16_t kNoGroup = 0xffff;     // no group; a VIP of no group is always owned
inline constexpr std::uint16_t kNeverOwned = 0xfffe;  // a VIP whose group cannot run here

constexpr bool is_lease(std::uint16_t lease) {
    return lease < kMaxGroups;
}

// The longest idle timeout of flows (FlowTimeouts).
inline constexpr std::uint32_t kMaxFlowTimeout_s = 6 * 3600;

// The dataplane sweeps its whole flow table this often. So an entry is gone at the latest its
// timeout and this period after its last packet. Control does not reuse a backend's index before
// that, unless a census (flow_census.h) has found that no flow names it, or there is no room.
inline constexpr std::uint32_t kFlowSweepPeriod_s = 1800;

// A worker whose last heartbeat is older is stuck: its gateway must not own a VIP.
inline constexpr std::uint64_t kStuckWorker_ns = 500'000'000;

// The highest number of a VLAN (IEEE 802.1Q); the lowest is 1.
inline constexpr std::uint16_t kMaxVlan = 4094;
// The most bits of a tunnel's source address that can be taken from the flow's hash.
inline constexpr std::uint8_t kMaxSourceBits = 32;

}  // namespace vipfwd::abi
