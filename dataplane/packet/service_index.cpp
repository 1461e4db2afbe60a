// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/service_index.h"

#include <algorithm>
#include <tuple>

#include "dataplane/abi/hash.h"
#include "dataplane/packet/packet.h"

namespace vipfwd::packet {
namespace {

std::uint32_t vip_bucket(const IpAddress& address, const abi::HashKey& key, std::uint32_t buckets) {
    return static_cast<std::uint32_t>(abi::address_hash(address, 0, key) % buckets);
}

template <typename Service>
auto range_order(const Service& service) {
    return std::tie(service.vip, service.protocol, service.port_first);
}

void insert(std::span<std::uint16_t> buckets, std::uint16_t free, std::uint32_t bucket,
            std::uint32_t index) {
    while (buckets[bucket] != free)
        bucket = bucket + 1 == buckets.size() ? 0 : bucket + 1;
    buckets[bucket] = static_cast<std::uint16_t>(index);
}

// The first index from `bucket` on that `matches`, or kNone.
template <typename Matches>
std::uint32_t probe(std::span<const std::uint16_t> buckets, std::uint16_t free,
                    std::uint32_t bucket, Matches matches) {
    while (buckets[bucket] != free) {
        if (matches(buckets[bucket]))
            return buckets[bucket];
        bucket = bucket + 1 == buckets.size() ? 0 : bucket + 1;
    }
    return kNone;
}

}  // namespace

void ServiceIndex::build(const abi::Generation& generation) {
    const abi::HashKey& key = generation.header.key;
    const abi::FlowHash hash(key);
    vips_.fill(kFreeVip);
    services_.fill(kFreeService);
    range_count_ = 0;
    for (std::uint32_t i = 0; i < generation.header.vip_count; ++i)
        insert(vips_, kFreeVip, vip_bucket(generation.vips[i].address, key, kVipBuckets), i);
    for (std::uint32_t i = 0; i < generation.header.service_count; ++i) {
        const abi::ServiceEntry& service = generation.services[i];
        const std::uint32_t target = target_of(service);
        if (target == kManyTargets)
            ranges_[range_count_++] = i;
        else
            insert(services_, kFreeService,
                   service_bucket(hash.destination_part(service.vip), target), i);
    }
    std::sort(ranges_.begin(), ranges_.begin() + range_count_,
              [&](std::uint32_t a, std::uint32_t b) {
                  return range_order(generation.services[a]) < range_order(generation.services[b]);
              });
}

std::uint32_t ServiceIndex::find_vip(const abi::Generation& generation,
                                     const IpAddress& address) const {
    const std::uint32_t bucket = vip_bucket(address, generation.header.key, kVipBuckets);
    return probe(vips_, kFreeVip, bucket,
                 [&](std::uint32_t i) { return generation.vips[i].address == address; });
}

std::uint32_t ServiceIndex::find_service(std::uint32_t bucket, const ServiceView* services,
                                         const IpAddress& address, std::uint32_t target) const {
    const std::uint32_t exact = probe(services_, kFreeService, bucket, [&](std::uint32_t i) {
        return services[i].matches(address, target);
    });
    if (exact != kNone || range_count_ == 0)
        return exact;
    return find_range(services, address, target);
}

std::uint32_t ServiceIndex::find_range(const ServiceView* services, const IpAddress& address,
                                       std::uint32_t target) const {
    const auto protocol = static_cast<std::uint8_t>(target >> 16);
    const std::uint16_t port = Be16{static_cast<std::uint16_t>(target)}.host();
    const auto after = std::upper_bound(
        ranges().begin(), ranges().end(), std::tie(address, protocol, port),
        [&](const auto& wanted, std::uint32_t i) { return wanted < range_order(services[i]); });
    if (after == ranges().begin())
        return kNone;
    const ServiceView& service = services[*(after - 1)];
    const bool holds =
        service.vip == address && service.protocol == protocol && port <= service.port_last;
    return holds ? *(after - 1) : kNone;
}

}  // namespace vipfwd::packet
