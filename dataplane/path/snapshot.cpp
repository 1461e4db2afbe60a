// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path/snapshot.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

namespace vipfwd::path {
namespace {

constexpr std::size_t kHugePageBytes = 2 << 20;

packet::PortView view_port(const host::PortFacts& port, const abi::PortEntry& entry) {
    return {
        .mac = port.mac,
        .vlan = entry.vlan,
        .mtu = std::min(entry.mtu == 0 ? port.mtu : entry.mtu, port.mtu_limit),
        .source_v4 = entry.source_v4,
        .source_v6 = entry.source_v6,
        .source_v4_bits = entry.source_v4_bits,
        .source_v6_bits = entry.source_v6_bits,
        .outer_vlan = entry.outer_vlan,
    };
}

// Copies all of a generation, or only what differs from the valid one in `to`.
Result<abi::Changes> copy(const abi::Generation& from, abi::Generation& to, bool to_is_valid) {
    if (to_is_valid)
        return abi::copy_changes(from, to);
    if (Result<void> copied = abi::copy_generation(from, to); !copied)
        return copied.error();
    return abi::Changes{};
}

}  // namespace

packet::RegionCounters Snapshot::counters(std::uint32_t worker) const {
    abi::DataplaneStatus& all = region->status_for_writing();
    return {
        .worker = &all.workers[worker].counters,
        .services = all.services[worker],
        .backends = all.backends[worker],
    };
}

void* Snapshot::operator new(std::size_t bytes) {
    bytes = (bytes + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    void* place = std::aligned_alloc(kHugePageBytes, bytes);
    if (place == nullptr)
        throw std::bad_alloc();
    madvise(place, bytes, MADV_HUGEPAGE);  // best effort
    return place;
}

void Snapshot::operator delete(void* place) {
    std::free(place);
}

Result<void> take_snapshot(const std::shared_ptr<abi::RegionMapping>& region,
                           abi::ActiveGeneration active, std::span<const host::PortFacts> ports,
                           abi::RingCheck& rings, Snapshot& to) {
    const abi::ControlArea& area = region->control();
    if (active.store >= abi::kGenerationStores)
        return Error{"generation: store out of bounds"};
    const bool was_complete = std::exchange(to.is_complete, false);
    abi::Generation& generation = to.tables.generation;
    Result<abi::Changes> changes = copy(area.generations[active.store], generation, was_complete);
    if (!changes)
        return changes.error();
    if (Result<void> sound = abi::validate_tables(generation); !sound)
        return sound;
    if (Result<void> sound = rings.validate(generation, area.rings); !sound)
        return sound;
    if (generation.header.generation != active.generation)
        return Error{"generation: its number is not the announced one"};
    if (generation.header.port_count != ports.size()) {
        return Error{"generation: has " + std::to_string(generation.header.port_count) +
                     " ports, but the dataplane was started with " + std::to_string(ports.size())};
    }
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const packet::PortView port = view_port(ports[i], generation.ports[i]);
        if (!(port == to.tables.ports[i]))
            changes->backends.set();
        to.tables.ports[i] = port;
    }
    to.tables.rings = area.rings;
    if (was_complete)
        packet::derive_changes(to.tables, *changes);
    else
        packet::derive(to.tables);
    to.region = region;
    to.is_complete = true;
    return {};
}

}  // namespace vipfwd::path
