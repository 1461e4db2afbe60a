// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/validate.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/ring_store.h"
#include "dataplane/abi/table_list.h"

namespace vipfwd::abi {
namespace {

Error error(std::string message) {
    return Error{std::move(message)};
}

Error entry_error(std::string_view what, std::size_t index, const char* fault) {
    return error(std::string(what) + " " + std::to_string(index) + ": " + fault);
}

template <std::size_t N>
bool is_terminated(const char (&text)[N]) {
    return std::memchr(text, '\0', N) != nullptr;
}

Result<void> check_counts(const GenerationHeader& header) {
    std::string excess;
    all_of_tables([&](const auto& table) {
        const std::uint32_t count = header.*table.count;
        if (count > table.kLimit)
            excess = std::string(table.name) + " count " + std::to_string(count) +
                     " is beyond the limit of " + std::to_string(table.kLimit);
        return excess.empty();
    });
    return excess.empty() ? Result<void>() : error("generation: " + excess);
}

// Protocol has the numbers of the IP header, so that is_known() does not fit it.
bool is_protocol(std::uint8_t value) {
    return value == static_cast<std::uint8_t>(Protocol::kTcp) ||
           value == static_cast<std::uint8_t>(Protocol::kUdp);
}

bool is_timeout(std::uint16_t timeout_s) {
    return timeout_s >= 1 && timeout_s <= kMaxFlowTimeout_s;
}

Result<void> validate_header(const GenerationHeader& header) {
    const FlowTimeouts& timeouts = header.timeouts;
    if (!is_timeout(timeouts.opening_s) || !is_timeout(timeouts.established_s) ||
        !is_timeout(timeouts.closing_s) || !is_timeout(timeouts.udp_s))
        return error("generation: flow timeout out of bounds");
    if (header.service_share_percent < 1 || header.service_share_percent > 100)
        return error("generation: a service's share of the flow table out of bounds");
    return {};
}

// For each table of the list: what is wrong with one of its entries, or null.

const char* fault_of(const PortEntry& port, const Generation&) {
    if (port.vlan > kMaxVlan || port.outer_vlan > kMaxVlan)
        return "VLAN out of bounds";
    if (port.outer_vlan != 0 && port.vlan == 0)
        return "outer VLAN without an inner one";
    if (port.source_v4_bits > kMaxSourceBits || port.source_v6_bits > kMaxSourceBits)
        return "too many bits of the source address";
    return nullptr;
}

// The advert has room for an Ethernet header and the addresses in front of the VRRP message, and
// behind the message at least for the trailer.
bool can_be_signed(const AdvertEntry& advert, AdvertAuth auth) {
    const std::uint32_t ip_bytes = auth == AdvertAuth::kIpv4 ? 20 : 40;
    return advert.vrrp_offset >= 14 + ip_bytes &&
           advert.vrrp_offset + 8 + kAuthTrailerBytes <= advert.bytes;
}

const char* fault_of(const GroupEntry& group, const Generation& generation) {
    const std::uint64_t adverts_end = std::uint64_t{group.first_advert} + group.advert_count;
    if (group.lease >= kMaxGroups)
        return "lease out of bounds";
    if (group.port >= generation.header.port_count)
        return "port out of bounds";
    if (group.advert_interval_ms == 0 || group.announce_interval_s == 0)
        return "interval of zero";
    if (adverts_end > generation.header.advert_count)
        return "adverts out of bounds";
    if (!is_terminated(group.name))
        return "name not terminated";
    if (!is_known<AdvertAuth>(group.auth))
        return "unknown authentication";
    const auto auth = static_cast<AdvertAuth>(group.auth);
    for (std::uint64_t advert = group.first_advert; advert < adverts_end; ++advert) {
        if (auth != AdvertAuth::kNone && !can_be_signed(generation.adverts[advert], auth))
            return "advert without room for its authentication";
    }
    return nullptr;
}

// The Ethernet header is in front of the VRRP header (8 bytes), which is within the frame.
const char* fault_of(const AdvertEntry& advert, const Generation&) {
    if (advert.bytes > kAdvertBytes || advert.vrrp_offset < 14 ||
        advert.vrrp_offset + 8u > advert.bytes)
        return "length out of bounds";
    return nullptr;
}

const char* fault_of(const VipEntry& vip, const Generation&) {
    if (!is_lease(vip.lease) && vip.lease != kNoGroup && vip.lease != kNeverOwned)
        return "lease out of bounds";
    if ((vip.flags & ~kVipFlags) != 0)
        return "unknown flags";
    return nullptr;
}

const char* fault_of(const ServiceEntry& service, const Generation& generation) {
    if (service.pool >= generation.header.pool_count)
        return "pool out of bounds";
    if (service.counter >= kMaxServices)
        return "counter out of bounds";
    if (service.port_first > service.port_last)
        return "port range is reversed";
    if (!is_protocol(service.protocol))
        return "unknown protocol";
    if (!is_known<Forward>(service.forward))
        return "unknown forwarding mode";
    if (!is_known<Affinity>(service.affinity))
        return "unknown affinity";
    if ((service.flags & ~kServiceFlags) != 0)
        return "unknown flags";
    return nullptr;
}

const char* fault_of(const PoolEntry& pool, const Generation& generation) {
    const std::uint64_t backends_end = std::uint64_t{pool.backend_base} + pool.backend_count;
    if (backends_end > generation.header.backend_count)
        return "backends out of bounds";
    if (pool.backend_count > kMaxBackendsPerPool)
        return "too many backends";
    if (pool.ring_slots < kMinRingSlots || pool.ring_slots > kMaxRingSlots)
        return "size of the ring out of bounds";
    if (pool.ring_store != kNoRing &&
        std::uint64_t{pool.ring_store} + stores_of(pool.ring_slots) > kRingStores)
        return "ring out of bounds";
    if (pool.writer > pool.backend_count)
        return "writer out of bounds";
    if (pool.fails_open > 1)
        return "fails_open is neither 0 nor 1";
    if (!is_terminated(pool.name))
        return "name not terminated";
    return nullptr;
}

const char* fault_of(const BackendEntry& backend, const Generation& generation) {
    if (!is_known<BackendState>(backend.state))
        return "unknown state";
    if (!is_known<BackendHealth>(backend.health))
        return "unknown health";
    if (!is_known<BackendAdmin>(backend.admin))
        return "unknown administrative state";
    if (backend.counter >= kMaxBackends)
        return "counter out of bounds";
    if (backend.resolved > 1)
        return "resolved is neither 0 nor 1";
    if (backend.port >= generation.header.port_count)
        return "port out of bounds";
    return nullptr;
}

// Every entry of every table, up to the first fault.
Result<void> validate_entries(const Generation& generation) {
    Result<void> result;
    all_of_tables([&](const auto& table) {
        const auto entries = entries_of(generation, table);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (const char* fault = fault_of(entries[i], generation)) {
                result = entry_error(table.name, i, fault);
                return false;
            }
        }
        return true;
    });
    return result;
}

// g++ vectorizes this loop, but not std::max_element.
std::uint16_t highest(std::span<const std::uint16_t> slots) {
    std::uint16_t most = 0;
    for (const std::uint16_t slot : slots)
        most = std::max(most, slot);
    return most;
}

template <typename Entry>
void copy_entries(const Entry* from, std::uint32_t count, Entry* to) {
    std::memcpy(static_cast<void*>(to), from, count * sizeof(Entry));
}

// Overwrites the `before` entries of an earlier generation with `count` entries. Copies only the
// blocks that differ, and calls `report` with the number of each.
template <typename Entry, typename Report>
void copy_changed(const Entry* from, std::uint32_t count, std::uint32_t before, Entry* to,
                  Report report) {
    for (std::uint32_t first = 0; first < std::max(count, before); first += kBlockEntries) {
        const auto in_block = [first](std::uint32_t entries) {
            return std::min(entries - std::min(entries, first), kBlockEntries);
        };
        const std::uint32_t used = in_block(count);
        if (used == in_block(before) &&
            std::memcmp(from + first, to + first, used * sizeof(Entry)) == 0)
            continue;
        copy_entries(from + first, used, to + first);
        report(first / kBlockEntries);
    }
}

Result<void> copy_header(const GenerationHeader& from, GenerationHeader& to) {
    std::memcpy(&to, &from, sizeof to);
    if (to.magic != kGenerationMagic)
        return error("generation: wrong magic");
    return check_counts(to);
}

// Which of Changes a changed block of a table is.
template <typename Entry>
void note_change(Changes& changes, std::uint32_t block) {
    if constexpr (std::is_same_v<Entry, BackendEntry>)
        changes.backends.set(block);
    if constexpr (std::is_same_v<Entry, VipEntry> || std::is_same_v<Entry, ServiceEntry>)
        changes.destinations = true;
}

}  // namespace

Result<void> validate(const RegionHeader& header) {
    const RegionHeader expected = make_region_header(header.region_id);
    if (header.magic != expected.magic)
        return error("not a vipfwd region (wrong magic)");
    if (header.abi_version != expected.abi_version) {
        return error("region of ABI version " + std::to_string(header.abi_version) +
                     ", this program has " + std::to_string(expected.abi_version) +
                     ": control and dataplane must be of one release");
    }
    if (std::memcmp(&header, &expected, sizeof header) != 0)
        return error("region header is corrupt, or its limits are not this program's");
    return {};
}

std::uint64_t checksum_of(const BootParameters& boot) {
    return checksum(std::as_bytes(std::span(&boot, 1)).subspan(sizeof boot.checksum));
}

Result<void> validate(const BootParameters& boot) {
    if (boot.checksum != checksum_of(boot))
        return error("boot parameters: wrong checksum");
    if (boot.worker_count == 0 || boot.worker_count > kMaxWorkers)
        return error("boot parameters: worker count out of bounds");
    if (boot.port_count == 0 || boot.port_count > kMaxPorts)
        return error("boot parameters: port count out of bounds");
    if (boot.flows_per_worker == 0 || boot.flows_per_worker > kMaxFlowsPerWorker)
        return error("boot parameters: flows per worker out of bounds");
    if (!is_known<Idle>(boot.idle) || !is_known<Memory>(boot.memory))
        return error("boot parameters: unknown idle mode or memory kind");
    if (!is_terminated(boot.gateway))
        return error("boot parameters: gateway name not terminated");
    for (std::uint32_t i = 0; i < boot.port_count; ++i) {
        const PortBoot& port = boot.ports[i];
        if (!is_terminated(port.name) || !is_terminated(port.device) || !is_terminated(port.output))
            return entry_error("boot parameters: port", i, "text not terminated");
        if (!is_terminated(port.kernel_interface))
            return entry_error("boot parameters: port", i, "kernel interface not terminated");
        if (!is_known<Driver>(port.driver))
            return entry_error("boot parameters: port", i, "unknown driver");
        if (port.queues == 0 || port.queues > kMaxQueuesPerPort)
            return entry_error("boot parameters: port", i, "queue count out of bounds");
    }
    return {};
}

std::uint64_t checksum_of(const Generation& generation) {
    GenerationHeader header = generation.header;
    header.checksum = 0;
    std::uint64_t state = checksum(std::as_bytes(std::span(&header, 1)));
    for_each_table([&](const auto& table) {
        state = checksum(std::as_bytes(entries_of(generation, table)), state);
    });
    return state;
}

std::uint64_t checksum_of(std::span<const std::uint16_t> ring) {
    return checksum(std::as_bytes(ring));
}

Result<void> copy_generation(const Generation& from, Generation& to) {
    if (Result<void> copied = copy_header(from.header, to.header); !copied)
        return copied;
    for_each_table([&](const auto& table) {
        copy_entries(from.*table.entries, to.header.*table.count, to.*table.entries);
    });
    return {};
}

Result<Changes> copy_changes(const Generation& from, Generation& to) {
    const GenerationHeader before = to.header;
    const GenerationHeader& now = to.header;
    if (Result<void> copied = copy_header(from.header, to.header); !copied)
        return copied.error();
    Changes changes;
    changes.destinations = !(now.key == before.key);
    for_each_table([&]<typename Table>(const Table& table) {
        copy_changed(
            from.*table.entries, now.*table.count, before.*table.count, to.*table.entries,
            [&](std::uint32_t block) { note_change<typename Table::Entry>(changes, block); });
    });
    return changes;
}

Result<void> validate_tables(const Generation& generation) {
    if (generation.header.magic != kGenerationMagic)
        return error("generation: wrong magic");
    if (Result<void> counts = check_counts(generation.header); !counts)
        return counts;
    if (generation.header.checksum != checksum_of(generation))
        return error("generation: wrong checksum (torn or corrupt)");
    if (Result<void> header = validate_header(generation.header); !header)
        return header;
    return validate_entries(generation);
}

RingCheck::RingCheck() : valid_(kRingStores) {}

// The rings that were at this place before, and need not be there any more.
void RingCheck::forget_overlapping(std::uint32_t store, std::uint32_t slots) {
    constexpr std::uint32_t kMostStores = stores_of(kMaxRingSlots);
    const std::uint32_t end = store + stores_of(slots);
    for (std::uint32_t i = store - std::min(store, kMostStores - 1); i < end; ++i) {
        if (i + stores_of(valid_[i].slots) > store)
            valid_[i] = {};
    }
}

Result<void> RingCheck::validate(const Generation& generation, const std::uint16_t* rings) {
    for (std::uint32_t i = 0; i < generation.header.pool_count; ++i) {
        const PoolEntry& pool = generation.pools[i];
        if (pool.ring_store == kNoRing)
            continue;
        ValidRing& known = valid_[pool.ring_store];
        if (known.slots != pool.ring_slots || known.checksum != pool.ring_checksum) {
            const std::span ring = ring_of(pool, rings);
            if (checksum_of(ring) != pool.ring_checksum)
                return entry_error("pool", i, "ring: wrong checksum (torn or corrupt)");
            forget_overlapping(pool.ring_store, pool.ring_slots);
            known = {pool.ring_checksum, pool.ring_slots, highest(ring) + 1u};
        }
        if (known.backends_needed > pool.backend_count)
            return entry_error("pool", i, "ring names a backend that is not there");
    }
    return {};
}

}  // namespace vipfwd::abi
