// SPDX-License-Identifier: Apache-2.0
// Finds the service of a destination: one probe for a service on one port, a short search for
// ranges. Holds indices into the generation it was built from, in storage of its own.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/abi/tables.h"
#include "dataplane/packet/views.h"

namespace vipfwd::packet {

class ServiceIndex {
  public:
    // Requires a generation that validates.
    void build(const abi::Generation& generation);

    // The index of the VIP, or kNone.
    std::uint32_t find_vip(const abi::Generation& generation, const IpAddress& address) const;

    // The bucket where the search for a service begins. `key` is of that generation, `port` is in
    // host order.
    static std::uint32_t service_bucket(const abi::HashKey& key, const IpAddress& address,
                                        std::uint8_t protocol, std::uint16_t port);
    // The index of the service, or kNone. `services` are of that generation.
    std::uint32_t find_service(std::uint32_t bucket, const ServiceView* services,
                               const IpAddress& address, std::uint8_t protocol,
                               std::uint16_t port) const;

    // Ahead of find_service: to ask for buckets, and when they are there for the services in them.
    void prefetch(std::uint32_t bucket) const { __builtin_prefetch(&services_[bucket]); }
    void prefetch_service(std::uint32_t bucket, const ServiceView* services) const {
        if (services_[bucket] != 0)
            __builtin_prefetch(&services[services_[bucket] - 1]);
    }

  private:
    static constexpr std::uint32_t kVipBuckets = 2 * abi::kMaxVips;
    static constexpr std::uint32_t kServiceBuckets = 8 * abi::kMaxServices;
    static_assert(abi::kMaxVips < 0xffff && abi::kMaxServices < 0xffff);

    // Of services on several ports only. Apart from find_service, so that that is short.
    [[gnu::noinline]] std::uint32_t find_range(const ServiceView* services,
                                               const IpAddress& address, std::uint8_t protocol,
                                               std::uint16_t port) const;
    std::span<const std::uint32_t> ranges() const { return {ranges_.data(), range_count_}; }

    // Open addressing, linear probing; an element is an index + 1, 0 is free.
    std::array<std::uint16_t, kVipBuckets> vips_;
    std::array<std::uint16_t, kServiceBuckets> services_;
    // Services on several ports, ordered by (VIP, protocol, first port).
    std::array<std::uint32_t, abi::kMaxServices> ranges_;
    std::uint32_t range_count_ = 0;
};

}  // namespace vipfwd::packet
