// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/region.h"

#include <span>

#include "dataplane/abi/hash.h"

namespace vipfwd::abi {

RegionHeader make_region_header(std::uint64_t region_id) {
    RegionHeader header{
        .magic = kRegionMagic,
        .abi_version = kAbiVersion,
        .header_bytes = sizeof(RegionHeader),
        .region_bytes = kRegionBytes,
        .region_id = region_id,
        .max_vips = kMaxVips,
        .max_services = kMaxServices,
        .max_pools = kMaxPools,
        .max_backends = kMaxBackends,
        .ring_slots = kRingSlots,
        .ring_stores = kRingStores,
        .max_ports = kMaxPorts,
        .max_workers = kMaxWorkers,
        .max_groups = kMaxGroups,
        .max_adverts = kMaxAdverts,
        .boot_offset = offsetof(ControlArea, boot),
        .leases_offset = offsetof(ControlArea, leases),
        .generations_offset = offsetof(ControlArea, generations),
        .rings_offset = offsetof(ControlArea, rings),
        .status_offset = kStatusOffset,
        .checksum = 0,
    };
    const auto bytes = std::as_bytes(std::span(&header, 1));
    header.checksum = checksum(bytes.first(offsetof(RegionHeader, checksum)));
    return header;
}

}  // namespace vipfwd::abi
