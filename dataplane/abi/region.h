// SPDX-License-Identifier: Apache-2.0
// The region: the shared memory between vipfwd-control and vipfwd-dataplane. A memfd, sealed
// against shrinking and growing, that control makes and passes over a Unix socket (handover.h).
//
//   RegionHeader     never changes once the region is made
//   BootParameters   control writes
//   active           control writes: which generation is in force
//   census_request   control writes: counts up
//   LeaseArea        control writes, at any time: who owns which group's VIPs
//   CheckNote x N    control writes, at any time: how far each health check is
//   Generation x 2   control writes the one that is not in force
//   ring stores      control writes those that no generation in use refers to
//   ---- 2 MiB boundary: the dataplane maps what is above read-only ----
//   DataplaneStatus  the dataplane writes: heartbeats, acknowledgements, counters
//
// Publishing: fill the generation that is not in force and the rings it needs, write its checksum,
// then store `active`. Each worker acknowledges in WorkerStatus::generation; control overwrites
// nothing that a live worker may still read. A control that dies before it stores `active` has
// published nothing.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dataplane/abi/boot.h"
#include "dataplane/abi/check_note.h"
#include "dataplane/abi/counters.h"
#include "dataplane/abi/lease.h"
#include "dataplane/abi/limits.h"
#include "dataplane/abi/shared.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::abi {

inline constexpr std::uint64_t kRegionMagic = 0x31'67'65'72'66'70'69'76;  // "vipfreg1"
inline constexpr std::uint32_t kAbiVersion = 13;
inline constexpr std::uint32_t kGenerationStores = 2;

// Describes the layout. A reader compares every field with its own before it reads anything else.
struct RegionHeader {
    std::uint64_t magic;
    std::uint32_t abi_version;
    std::uint32_t header_bytes;
    std::uint64_t region_bytes;
    std::uint64_t region_id;  // random: tells one region from another
    std::uint32_t max_vips;
    std::uint32_t max_services;
    std::uint32_t max_pools;
    std::uint32_t max_backends;
    std::uint32_t ring_store_slots;
    std::uint32_t ring_stores;
    std::uint32_t max_ports;
    std::uint32_t max_workers;
    std::uint32_t max_groups;
    std::uint32_t max_adverts;
    std::uint32_t max_check_notes;
    std::uint32_t reserved;
    std::uint64_t boot_offset;
    std::uint64_t leases_offset;
    std::uint64_t check_notes_offset;
    std::uint64_t generations_offset;
    std::uint64_t rings_offset;
    std::uint64_t status_offset;
    std::uint64_t checksum;  // of everything above
};

// The word in `active`: which generation is in force, and in which store it is. 0: none yet.
struct ActiveGeneration {
    std::uint64_t generation;
    std::uint32_t store;

    static constexpr ActiveGeneration unpack(std::uint64_t word) {
        return {word >> 8, static_cast<std::uint32_t>(word & 0xff)};
    }
    constexpr std::uint64_t pack() const { return generation << 8 | store; }
    constexpr bool none() const { return generation == 0; }
};

struct ControlArea {
    RegionHeader header;
    std::uint8_t reserved0[4096 - sizeof(RegionHeader)];
    alignas(4096) BootParameters boot;
    alignas(4096) SharedWord active;  // ActiveGeneration
    SharedWord census_request;        // see FlowCensus; 0: none
    WatchedBackends watched;
    alignas(4096) LeaseArea leases;
    alignas(4096) CheckNote check_notes[kMaxCheckNotes];  // only control reads them
    alignas(4096) Generation generations[kGenerationStores];
    alignas(4096) std::uint16_t rings[kRingStores * kRingStoreSlots];  // see ring_store.h
};

inline constexpr std::uint64_t kMapAlignment = 2u << 20;

constexpr std::uint64_t align_up(std::uint64_t value) {
    return (value + kMapAlignment - 1) / kMapAlignment * kMapAlignment;
}

inline constexpr std::uint64_t kStatusOffset = align_up(sizeof(ControlArea));
inline constexpr std::uint64_t kRegionBytes = align_up(kStatusOffset + sizeof(DataplaneStatus));

// The header that a region of this ABI has, with its checksum.
RegionHeader make_region_header(std::uint64_t region_id);

static_assert(sizeof(RegionHeader) == 8 * 17);
static_assert(offsetof(ControlArea, boot) == 4096);
static_assert(std::is_standard_layout_v<ControlArea> && std::is_standard_layout_v<DataplaneStatus>);
static_assert(kRegionBytes < (400ull << 20));

}  // namespace vipfwd::abi
