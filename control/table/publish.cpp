// SPDX-License-Identifier: Apache-2.0
#include "control/table/publish.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/validate.h"

namespace vipfwd::table {
namespace {

using abi::ActiveGeneration;
using abi::Generation;

template <typename Part>
bool same_bytes(const Part& a, const Part& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

// Over all workers.
template <std::size_t N>
CounterValue sum(const abi::TrafficCounter (&counters)[abi::kMaxWorkers][N], std::uint32_t number) {
    CounterValue total;
    for (const auto& worker : counters) {
        total.packets += worker[number].packets.read();
        total.bytes += worker[number].bytes.read();
    }
    return total;
}

Result<abi::HashKey> random_key() {
    abi::HashKey key;
    if (getrandom(key.words.data(), sizeof key.words, 0) != sizeof key.words)
        return system_error("key of hashes: getrandom");
    return key;
}

}  // namespace

Publisher::Publisher(abi::RegionMapping region) : region_(std::move(region)) {}

Result<Publisher> Publisher::create(const abi::BootParameters& boot) {
    const bool try_hugepages = boot.memory == static_cast<std::uint32_t>(abi::Memory::kHugepages);
    Result<abi::RegionMapping> region = abi::RegionMapping::create("vipfwd-region", try_hugepages);
    if (!region)
        return region.error();
    const Result<abi::HashKey> key = random_key();
    if (!key)
        return key.error();
    Publisher publisher(std::move(*region));
    publisher.in_force_ = empty_tables(*key);
    publisher.write_boot_parameters(boot);
    return publisher;
}

std::shared_ptr<const Tables> Publisher::empty_tables(const abi::HashKey& key) {
    auto tables = std::make_shared<Tables>();
    tables->key = key;
    return tables;
}

Result<Publisher> Publisher::adopt(abi::Fd fd) {
    Result<abi::RegionMapping> region =
        abi::RegionMapping::map(std::move(fd), abi::RegionSide::kControl);
    if (!region)
        return region.error();
    Publisher publisher(std::move(*region));
    publisher.boot_ = publisher.region_.control().boot;
    const auto active = ActiveGeneration::unpack(publisher.region_.control().active.load());
    if (active.none()) {
        const Result<abi::HashKey> key = random_key();
        if (!key)
            return key.error();
        publisher.in_force_ = empty_tables(*key);
        return publisher;
    }
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
        return Error{"region: the generation in force has another number than announced"};
    publisher.active_ = active;
    publisher.header_ = copy->header;
    publisher.in_force_ = std::make_shared<const Tables>(read_tables(*copy));
    publisher.has_retired_ = std::ranges::any_of(publisher.in_force_->backends, is_retired);
    publisher.has_draining_ =
        std::ranges::any_of(publisher.in_force_->backends, is_draining_by_choice);
    // A worker may still use the previous generation, which is in the other store.
    const Generation& other = area.generations[(active.store + 1) % abi::kGenerationStores];
    const std::uint32_t pools = std::min(other.header.pool_count, abi::kMaxPools);
    publisher.stores_in_use_.mark(std::span(other.pools, pools));
    return publisher;
}

Publisher::Base Publisher::begin(bool readers_caught_up) {
    Base base{.tables = in_force_,
              .next = {active_.generation + 1, (active_.store + 1) % abi::kGenerationStores},
              .stores_in_use = readers_caught_up ? RingStores() : stores_in_use_,
              .area = &region_.control_for_writing(),
              .may_release_rings = !region_.is_on_hugepages()};
    base.stores_in_use.mark(in_force_->pools);
    has_unused_rings_ = has_unused_rings_ && !readers_caught_up;
    return base;
}

void Publisher::release_unused_rings(const Base& base) {
    if (base.may_release_rings)
        base.stores_in_use.release_others(base.area->rings);
}

Result<Publisher::Prepared> Publisher::prepare(Build build, const Base& base) {
    if (Result<void> within = check_limits(build.tables); !within)
        return within.error();
    RingStores stores = base.stores_in_use;
    for (const NewRing& ring : build.new_rings) {
        const Result<std::uint32_t> store = stores.take(ring.slot_count);
        if (!store)
            return store.error();
        std::ranges::copy(*ring.slots, base.area->rings + abi::first_slot_of(*store));
        const std::uint64_t checksum = abi::checksum_of(*ring.slots);
        for (const std::size_t pool : ring.pools) {
            build.tables.pools[pool].ring_store = *store;
            build.tables.pools[pool].ring_checksum = checksum;
        }
    }
    build.tables.generation = base.next.generation;
    const bool has_retired = std::ranges::any_of(build.tables.backends, is_retired);
    const bool has_draining = std::ranges::any_of(build.tables.backends, is_draining_by_choice);
    Generation& to = base.area->generations[base.next.store];
    write_tables(build.tables, to);
    if (base.may_release_rings)
        stores.release_others(base.area->rings);
    return Prepared{.follows = base.tables,
                    .tables = std::make_shared<const Tables>(std::move(build.tables)),
                    .generation = base.next,
                    .header = to.header,
                    .stores_in_use = base.stores_in_use,
                    .has_retired = has_retired,
                    .has_draining = has_draining};
}

bool Publisher::put_in_force(Prepared prepared) {
    if (prepared.follows != in_force_)
        return false;
    region_.control_for_writing().active.store(prepared.generation.pack());
    active_ = prepared.generation;
    header_ = prepared.header;
    must_publish_ = false;
    stores_in_use_ = std::move(prepared.stores_in_use);
    RingStores needed;
    needed.mark(prepared.tables->pools);
    has_retired_ = prepared.has_retired;
    has_draining_ = prepared.has_draining;
    has_unused_rings_ = has_unused_rings_ || !needed.contain(stores_in_use_);
    in_force_ = std::move(prepared.tables);
    return true;
}

Result<void> Publisher::publish(Build build, bool readers_caught_up) {
    Result<Prepared> prepared = prepare(std::move(build), begin(readers_caught_up));
    if (!prepared)
        return prepared.error();
    put_in_force(std::move(*prepared));
    return {};
}

void Publisher::write_boot_parameters(const abi::BootParameters& boot) {
    boot_ = boot;
    if (!same_bytes(region_.control().boot, boot))
        region_.control_for_writing().boot = boot;
}

std::vector<std::string> Publisher::repair(std::size_t pools) {
    std::vector<std::string> damaged;
    abi::ControlArea& area = region_.control_for_writing();
    const abi::RegionHeader header = abi::make_region_header(region_.region_id());
    if (!same_bytes(area.header, header)) {
        area.header = header;
        damaged.emplace_back("header");
    }
    if (!same_bytes(area.boot, boot_)) {
        area.boot = boot_;
        damaged.emplace_back("boot parameters");
    }
    if (area.active.load() != active_.pack()) {
        area.active.store(active_.pack());
        damaged.emplace_back("number of the generation in force");
    }
    if (active_.none())
        return damaged;
    std::vector<std::string> unpublished = forget_damaged_rings(pools);
    if (are_tables_damaged())
        unpublished.push_back("generation " + std::to_string(active_.generation));
    must_publish_ = must_publish_ || !unpublished.empty();
    std::ranges::move(unpublished, std::back_inserter(damaged));
    return damaged;
}

bool Publisher::are_tables_damaged() const {
    const Generation& generation = region_.control().generations[active_.store];
    return !same_bytes(generation.header, header_) ||
           abi::checksum_of(generation) != header_.checksum;
}

std::vector<std::string> Publisher::forget_damaged_rings(std::size_t pools) {
    std::vector<std::string> damaged;
    const std::size_t count = in_force_->pools.size();
    for (std::size_t i = 0; i < std::min(pools, count); ++i) {
        next_checked_pool_ = (next_checked_pool_ + 1) % count;
        const abi::PoolEntry pool = in_force_->pools[next_checked_pool_];
        if (pool.ring_store == abi::kNoRing || abi::checksum_of(ring(pool)) == pool.ring_checksum)
            continue;
        forget_ring(pool.ring_store);
        damaged.push_back("ring of pool '" + std::string(pool.name) + "'");
    }
    return damaged;
}

// Of all pools that share it. Other threads may read the tables in force: change a copy.
void Publisher::forget_ring(std::uint32_t store) {
    auto tables = std::make_shared<Tables>(*in_force_);
    for (abi::PoolEntry& pool : tables->pools) {
        if (pool.ring_store == store)
            pool.ring_store = abi::kNoRing;
    }
    in_force_ = std::move(tables);
}

void Publisher::request_census(std::span<const std::uint32_t> watched) {
    abi::ControlArea& area = region_.control_for_writing();
    for (std::size_t i = 0; i < watched.size(); ++i)
        area.watched.keys[i].store(watched[i]);
    area.watched.count.store(watched.size());
    area.census_request.store(area.census_request.load() + 1);
}

bool Publisher::all_acknowledged() const {
    const auto& workers = region_.status().workers;
    return std::all_of(
        std::begin(workers), std::end(workers), [&](const abi::WorkerStatus& worker) {
            return worker.heartbeat_ns.load() == 0 || worker.generation.load() == generation();
        });
}

std::span<const std::uint16_t> Publisher::ring(const abi::PoolEntry& pool) const {
    return abi::ring_of(pool, region_.control().rings);
}

Counters Publisher::counters() const {
    const abi::DataplaneStatus& status = region_.status();
    return {
        .service = [&status](std::uint32_t counter) { return sum(status.services, counter); },
        .backend = [&status](std::uint32_t counter) { return sum(status.backends, counter); },
    };
}

}  // namespace vipfwd::table
