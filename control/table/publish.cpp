// SPDX-License-Identifier: Apache-2.0
#include "control/table/publish.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "dataplane/abi/validate.h"

namespace vipfwd::table {
namespace {

using abi::ActiveGeneration;
using abi::Generation;

void hold_rings(const Tables& tables, std::vector<bool>& held) {
    for (const abi::PoolEntry& pool : tables.pools) {
        if (pool.ring_slots != 0)
            held[pool.ring_store] = true;
    }
}

// For a generation that is not checked.
void hold_rings(const Generation& generation, std::vector<bool>& held) {
    const std::uint32_t pools = std::min(generation.header.pool_count, abi::kMaxPools);
    for (const abi::PoolEntry& pool : std::span(generation.pools, pools)) {
        if (pool.ring_slots != 0 && pool.ring_store < abi::kRingStores)
            held[pool.ring_store] = true;
    }
}

// A ring store for each new ring, none of them held. Nothing if there are too few.
std::optional<std::vector<std::uint32_t>> find_stores(const std::vector<bool>& held,
                                                      std::size_t count) {
    std::vector<std::uint32_t> stores;
    for (std::uint32_t i = 0; i < held.size() && stores.size() < count; ++i) {
        if (!held[i])
            stores.push_back(i);
    }
    if (stores.size() < count)
        return std::nullopt;
    return stores;
}

CounterValue sum(const abi::DataplaneStatus& status, std::uint32_t counter, bool of_service) {
    CounterValue total;
    for (std::uint32_t worker = 0; worker < abi::kMaxWorkers; ++worker) {
        const abi::TrafficCounter& one =
            of_service ? status.services[worker][counter] : status.backends[worker][counter];
        total.packets += one.packets.read();
        total.bytes += one.bytes.read();
    }
    return total;
}

}  // namespace

Publisher::Publisher(abi::RegionMapping region)
    : region_(std::move(region)), held_(abi::kRingStores) {}

Result<Publisher> Publisher::create(const abi::BootParameters& boot) {
    const bool try_hugepages = boot.memory == static_cast<std::uint32_t>(abi::Memory::kHugepages);
    Result<abi::RegionMapping> region = abi::RegionMapping::create("vipfwd-region", try_hugepages);
    if (!region)
        return region.error();
    Publisher publisher(std::move(*region));
    publisher.write_boot_parameters(boot);
    return publisher;
}

Result<Publisher> Publisher::adopt(abi::Fd fd) {
    Result<abi::RegionMapping> region =
        abi::RegionMapping::map(std::move(fd), abi::RegionSide::kControl);
    if (!region)
        return region.error();
    Publisher publisher(std::move(*region));
    const auto active = ActiveGeneration::unpack(publisher.region_.control().active.load());
    if (active.none())
        return publisher;
    if (active.store >= abi::kGenerationStores)
        return Error{"region: active generation out of bounds"};

    const auto copy = std::make_unique_for_overwrite<Generation>();
    const abi::ControlArea& area = publisher.region_.control();
    if (Result<void> copied = abi::copy_generation(area.generations[active.store], *copy); !copied)
        return copied.error();
    if (Result<void> sound = abi::validate_tables(*copy); !sound)
        return sound.error();
    if (Result<void> sound = abi::RingCheck().validate(*copy, area.rings); !sound)
        return sound.error();
    if (copy->header.generation != active.generation)
        return Error{"region: active generation is not the one it names"};
    publisher.in_force_ = read_tables(*copy);
    // A worker may not have taken up the generation in force yet.
    hold_rings(area.generations[(active.store + 1) % abi::kGenerationStores], publisher.held_);
    return publisher;
}

Result<void> Publisher::publish(Build build, bool readers_caught_up) {
    if (Result<void> within = check_limits(build.tables); !within)
        return within;
    std::vector<bool> held = readers_caught_up ? std::vector<bool>(abi::kRingStores) : held_;
    hold_rings(in_force_, held);
    const auto stores = find_stores(held, build.new_rings.size());
    if (!stores)
        return Error{"no ring store is free until the dataplane has caught up"};

    abi::ControlArea& area = region_.control_for_writing();
    for (std::size_t i = 0; i < build.new_rings.size(); ++i) {
        const NewRing& ring = build.new_rings[i];
        abi::PoolEntry& pool = build.tables.pools[ring.pool];
        pool.ring_store = (*stores)[i];
        pool.ring_checksum = abi::checksum_of(ring.slots);
        std::copy(ring.slots.begin(), ring.slots.end(), area.rings[pool.ring_store].slots);
    }
    const auto active = ActiveGeneration::unpack(area.active.load());
    const ActiveGeneration next{active.generation + 1, (active.store + 1) % abi::kGenerationStores};
    write_tables(build.tables, next.generation, area.generations[next.store]);
    area.active.store(next.pack());
    held_ = std::move(held);
    in_force_ = std::move(build.tables);
    return {};
}

void Publisher::write_boot_parameters(const abi::BootParameters& boot) {
    if (std::memcmp(&region_.control().boot, &boot, sizeof boot) != 0)
        region_.control_for_writing().boot = boot;
}

std::uint64_t Publisher::generation() const {
    return ActiveGeneration::unpack(region_.control().active.load()).generation;
}

bool Publisher::all_acknowledged() const {
    const auto& workers = region_.status().workers;
    return std::all_of(
        std::begin(workers), std::end(workers), [&](const abi::WorkerStatus& worker) {
            return worker.heartbeat_ns.load() == 0 || worker.generation.load() == generation();
        });
}

std::span<const std::uint16_t> Publisher::ring(const abi::PoolEntry& pool) const {
    if (pool.ring_slots == 0)
        return {};
    return {region_.control().rings[pool.ring_store].slots, pool.ring_slots};
}

Counters Publisher::counters() const {
    const abi::DataplaneStatus& status = region_.status();
    return {
        .service = [&status](std::uint32_t counter) { return sum(status, counter, true); },
        .backend = [&status](std::uint32_t counter) { return sum(status, counter, false); },
    };
}

}  // namespace vipfwd::table
