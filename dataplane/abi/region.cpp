// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/region.h"

#include <span>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/table_list.h"

namespace vipfwd::abi {

RegionHeader make_region_header(std::uint64_t region_id) {
    RegionHeader header{};
    header.magic = kRegionMagic;
    header.abi_version = kAbiVersion;
    header.header_bytes = sizeof(RegionHeader);
    header.region_bytes = kRegionBytes;
    header.region_id = region_id;
    header.ring_store_slots = kRingStoreSlots;
    header.ring_stores = kRingStores;
    header.max_workers = kMaxWorkers;
    header.max_check_notes = kMaxCheckNotes;
    header.boot_offset = offsetof(ControlArea, boot);
    header.leases_offset = offsetof(ControlArea, leases);
    header.check_notes_offset = offsetof(ControlArea, check_notes);
    header.generations_offset = offsetof(ControlArea, generations);
    header.rings_offset = offsetof(ControlArea, rings);
    header.status_offset = kStatusOffset;
    for_each_table([&](const auto& table) { header.*table.limit = table.kLimit; });
    const auto bytes = std::as_bytes(std::span(&header, 1));
    header.checksum = checksum(bytes.first(offsetof(RegionHeader, checksum)));
    return header;
}

}  // namespace vipfwd::abi
