// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/validate.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "dataplane/abi/advert_auth.h"

namespace vipfwd::abi {
namespace {

Error error(std::string message) {
    return Error{std::move(message)};
}

Error entry_error(const char* what, std::uint32_t index, const char* fault) {
    return error(std::string(what) + " " + std::to_string(index) + ": " + fault);
}

template <std::size_t N>
bool is_terminated(const char (&text)[N]) {
    return std::memchr(text, '\0', N) != nullptr;
}

template <typename Entry>
std::uint64_t checksum_entries(const Entry* entries, std::uint32_t count, std::uint64_t state) {
    return checksum(std::as_bytes(std::span(entries, count)), state);
}

bool counts_within_limits(const GenerationHeader& header) {
    return header.vip_count <= kMaxVips && header.service_count <= kMaxServices &&
           header.pool_count <= kMaxPools && header.backend_count <= kMaxBackends &&
           header.port_count <= kMaxPorts && header.group_count <= kMaxGroups &&
           header.advert_count <= kMaxAdverts;
}

// Protocol has the numbers of the IP header, so that is_known() does not fit it.
bool is_protocol(std::uint8_t value) {
    return value == static_cast<std::uint8_t>(Protocol::kTcp) ||
           value == static_cast<std::uint8_t>(Protocol::kUdp);
}

bool is_timeout(std::uint16_t timeout_s) {
    return timeout_s >= 1 && timeout_s <= kMaxFlowTimeout_s;
}

Result<void> validate_header(const Generation& generation) {
    const FlowTimeouts& timeouts = generation.header.timeouts;
    if (!is_timeout(timeouts.opening_s) || !is_timeout(timeouts.established_s) ||
        !is_timeout(timeouts.closing_s) || !is_timeout(timeouts.udp_s))
        return error("generation: flow timeout out of bounds");
    return {};
}

Result<void> validate_ports(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.port_count; ++i) {
        const PortEntry& port = generation.ports[i];
        if (port.vlan > kMaxVlan || port.outer_vlan > kMaxVlan)
            return entry_error("port", i, "VLAN out of bounds");
        if (port.outer_vlan != 0 && port.vlan == 0)
            return entry_error("port", i, "outer VLAN without an inner one");
        if (port.source_v4_bits > kMaxSourceBits || port.source_v6_bits > kMaxSourceBits)
            return entry_error("port", i, "too many bits of the source address");
    }
    return {};
}

Result<void> validate_vips(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.vip_count; ++i) {
        const std::uint16_t lease = generation.vips[i].lease;
        if (lease >= kMaxGroups && lease != kNoGroup)
            return entry_error("VIP", i, "lease out of bounds");
        if ((generation.vips[i].flags & ~kVipFlags) != 0)
            return entry_error("VIP", i, "unknown flags");
    }
    return {};
}

// Of an advert that is to be authenticated: an Ethernet header and the addresses in front, and
// behind the VRRP message at least the trailer.
bool can_be_signed(const AdvertEntry& advert, AdvertAuth auth) {
    const std::uint32_t ip_bytes = auth == AdvertAuth::kIpv4 ? 20 : 40;
    return advert.vrrp_offset >= 14 + ip_bytes &&
           advert.vrrp_offset + 8 + kAuthTrailerBytes <= advert.bytes;
}

Result<void> validate_groups(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.group_count; ++i) {
        const GroupEntry& group = generation.groups[i];
        const std::uint64_t adverts_end = std::uint64_t{group.first_advert} + group.advert_count;
        if (group.lease >= kMaxGroups)
            return entry_error("group", i, "lease out of bounds");
        if (group.port >= generation.header.port_count)
            return entry_error("group", i, "port out of bounds");
        if (group.advert_interval_ms == 0 || group.announce_interval_s == 0)
            return entry_error("group", i, "interval of zero");
        if (adverts_end > generation.header.advert_count)
            return entry_error("group", i, "adverts out of bounds");
        if (!is_terminated(group.name))
            return entry_error("group", i, "name not terminated");
        const auto auth = static_cast<AdvertAuth>(group.auth);
        if (auth > AdvertAuth::kIpv6)
            return entry_error("group", i, "unknown authentication");
        for (std::uint64_t advert = group.first_advert; advert < adverts_end; ++advert) {
            if (auth != AdvertAuth::kNone && !can_be_signed(generation.adverts[advert], auth))
                return entry_error("group", i, "advert without room for its authentication");
        }
    }
    return {};
}

// The Ethernet header is in front, the VRRP header (8 bytes) within.
Result<void> validate_adverts(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.advert_count; ++i) {
        const AdvertEntry& advert = generation.adverts[i];
        if (advert.bytes > kAdvertBytes || advert.vrrp_offset < 14 ||
            advert.vrrp_offset + 8u > advert.bytes)
            return entry_error("advert", i, "length out of bounds");
    }
    return {};
}

Result<void> validate_services(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.service_count; ++i) {
        const ServiceEntry& service = generation.services[i];
        if (service.pool >= generation.header.pool_count)
            return entry_error("service", i, "pool out of bounds");
        if (service.counter >= kMaxServices)
            return entry_error("service", i, "counter out of bounds");
        if (service.port_first > service.port_last)
            return entry_error("service", i, "port range turned round");
        if (!is_protocol(service.protocol))
            return entry_error("service", i, "unknown protocol");
        if (!is_known<Forward>(service.forward))
            return entry_error("service", i, "unknown forwarding mode");
        if (service.affinity > static_cast<std::uint8_t>(Affinity::kSource))
            return entry_error("service", i, "unknown affinity");
        if ((service.flags & ~kServiceFlags) != 0)
            return entry_error("service", i, "unknown flags");
    }
    return {};
}

Result<void> validate_pools(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.pool_count; ++i) {
        const PoolEntry& pool = generation.pools[i];
        const std::uint64_t backends_end = std::uint64_t{pool.backend_base} + pool.backend_count;
        if (backends_end > generation.header.backend_count)
            return entry_error("pool", i, "backends out of bounds");
        if (pool.backend_count > kMaxBackendsPerPool)
            return entry_error("pool", i, "too many backends");
        if (pool.ring_slots > kRingSlots)
            return entry_error("pool", i, "ring too long");
        if (pool.ring_slots != 0 && pool.ring_store >= kRingStores)
            return entry_error("pool", i, "ring out of bounds");
        if (!is_terminated(pool.name))
            return entry_error("pool", i, "name not terminated");
    }
    return {};
}

Result<void> validate_backends(const Generation& generation) {
    for (std::uint32_t i = 0; i < generation.header.backend_count; ++i) {
        const BackendEntry& backend = generation.backends[i];
        if (backend.state > static_cast<std::uint8_t>(BackendState::kDraining))
            return entry_error("backend", i, "unknown state");
        if (backend.counter >= kMaxBackends)
            return entry_error("backend", i, "counter out of bounds");
        if (backend.resolved > 1)
            return entry_error("backend", i, "resolved is neither 0 nor 1");
        if (backend.port >= generation.header.port_count)
            return entry_error("backend", i, "port out of bounds");
    }
    return {};
}

// Many slots at once, which std::max_element is not compiled to.
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

// Copies `count` entries over the `before` ones of another generation, block by block where they
// are not the same. Tells the number of each block that was not.
template <typename Entry, typename Tell>
void copy_changed(const Entry* from, std::uint32_t count, std::uint32_t before, Entry* to,
                  Tell tell) {
    for (std::uint32_t first = 0; first < std::max(count, before); first += kBlockEntries) {
        const auto in_block = [first](std::uint32_t entries) {
            return std::min(entries - std::min(entries, first), kBlockEntries);
        };
        const std::uint32_t used = in_block(count);
        if (used == in_block(before) &&
            std::memcmp(from + first, to + first, used * sizeof(Entry)) == 0)
            continue;
        copy_entries(from + first, used, to + first);
        tell(first / kBlockEntries);
    }
}

Result<void> copy_header(const GenerationHeader& from, GenerationHeader& to) {
    std::memcpy(&to, &from, sizeof to);
    if (to.magic != kGenerationMagic)
        return error("generation: wrong magic");
    if (!counts_within_limits(to))
        return error("generation: counts beyond the limits");
    return {};
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
    if (boot.idle > static_cast<std::uint32_t>(Idle::kSleep) ||
        boot.memory > static_cast<std::uint32_t>(Memory::kNormal))
        return error("boot parameters: unknown idle mode or memory kind");
    if (!is_terminated(boot.gateway))
        return error("boot parameters: gateway name not terminated");
    for (std::uint32_t i = 0; i < boot.port_count; ++i) {
        const PortBoot& port = boot.ports[i];
        if (!is_terminated(port.name) || !is_terminated(port.device) || !is_terminated(port.output))
            return entry_error("boot parameters: port", i, "text not terminated");
        if (!is_terminated(port.kernel_interface))
            return entry_error("boot parameters: port", i, "kernel interface not terminated");
        if (port.driver > static_cast<std::uint32_t>(Driver::kVdev))
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
    state = checksum_entries(generation.ports, header.port_count, state);
    state = checksum_entries(generation.groups, header.group_count, state);
    state = checksum_entries(generation.adverts, header.advert_count, state);
    state = checksum_entries(generation.vips, header.vip_count, state);
    state = checksum_entries(generation.services, header.service_count, state);
    state = checksum_entries(generation.pools, header.pool_count, state);
    return checksum_entries(generation.backends, header.backend_count, state);
}

std::uint64_t checksum_of(std::span<const std::uint16_t> ring) {
    return checksum(std::as_bytes(ring));
}

Result<void> copy_generation(const Generation& from, Generation& to) {
    if (Result<void> copied = copy_header(from.header, to.header); !copied)
        return copied;
    copy_entries(from.ports, to.header.port_count, to.ports);
    copy_entries(from.groups, to.header.group_count, to.groups);
    copy_entries(from.adverts, to.header.advert_count, to.adverts);
    copy_entries(from.vips, to.header.vip_count, to.vips);
    copy_entries(from.services, to.header.service_count, to.services);
    copy_entries(from.pools, to.header.pool_count, to.pools);
    copy_entries(from.backends, to.header.backend_count, to.backends);
    return {};
}

Result<Changes> copy_changes(const Generation& from, Generation& to) {
    const GenerationHeader before = to.header;
    const GenerationHeader& now = to.header;
    if (Result<void> copied = copy_header(from.header, to.header); !copied)
        return copied.error();
    Changes changes;
    changes.destinations = !(now.key == before.key);
    const auto ignore = [](std::uint32_t) {};
    const auto destinations = [&](std::uint32_t) { changes.destinations = true; };
    const auto backends = [&](std::uint32_t block) { changes.backends.set(block); };
    copy_changed(from.ports, now.port_count, before.port_count, to.ports, ignore);
    copy_changed(from.groups, now.group_count, before.group_count, to.groups, ignore);
    copy_changed(from.adverts, now.advert_count, before.advert_count, to.adverts, ignore);
    copy_changed(from.vips, now.vip_count, before.vip_count, to.vips, destinations);
    copy_changed(from.services, now.service_count, before.service_count, to.services, destinations);
    copy_changed(from.pools, now.pool_count, before.pool_count, to.pools, ignore);
    copy_changed(from.backends, now.backend_count, before.backend_count, to.backends, backends);
    return changes;
}

Result<void> validate_tables(const Generation& generation) {
    if (generation.header.magic != kGenerationMagic)
        return error("generation: wrong magic");
    if (!counts_within_limits(generation.header))
        return error("generation: counts beyond the limits");
    if (generation.header.checksum != checksum_of(generation))
        return error("generation: wrong checksum (torn or corrupt)");
    for (const auto check : {validate_header, validate_ports, validate_groups, validate_adverts,
                             validate_vips, validate_services, validate_pools, validate_backends}) {
        if (Result<void> result = check(generation); !result)
            return result;
    }
    return {};
}

RingCheck::RingCheck() : good_(kRingStores) {}

Result<void> RingCheck::validate(const Generation& generation, const RingStore* rings) {
    for (std::uint32_t i = 0; i < generation.header.pool_count; ++i) {
        const PoolEntry& pool = generation.pools[i];
        if (pool.ring_slots == 0)
            continue;
        Good& good = good_[pool.ring_store];
        if (good.slots != pool.ring_slots || good.checksum != pool.ring_checksum) {
            const std::span ring(rings[pool.ring_store].slots, pool.ring_slots);
            if (checksum_of(ring) != pool.ring_checksum)
                return entry_error("pool", i, "ring: wrong checksum (torn or corrupt)");
            good = {pool.ring_checksum, pool.ring_slots, highest(ring) + 1u};
        }
        if (good.backends_needed > pool.backend_count)
            return entry_error("pool", i, "ring names a backend that is not there");
    }
    return {};
}

}  // namespace vipfwd::abi
