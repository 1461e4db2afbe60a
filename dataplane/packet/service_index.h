// SPDX-License-Identifier: Apache-2.0
// Finds the service of a destination: usually with one probe of a hash table for a service on one
// port, with a binary search for a service on a range of ports. Holds indices into the generation
// that it was built from.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "dataplane/abi/hash.h"
#include "dataplane/abi/tables.h"
#include "dataplane/packet/forwarding_views.h"

namespace vipfwd::packet {

// Stands for "no service" in the hash table. Its ServiceView matches no packet.
inline constexpr std::uint32_t kNoService = abi::kMaxServices;

class ServiceIndex {
  public:
    // Requires a valid generation.
    void build(const abi::Generation& generation);

    // The index of the VIP, or kNone.
    std::uint32_t find_vip(const abi::Generation& generation, const IpAddress& address) const;

    // The bucket where the search for a service begins. `destination_part` is that of the VIP, with
    // the key of the generation (abi::FlowHash).
    static constexpr std::uint32_t service_bucket(std::uint64_t destination_part,
                                                  std::uint32_t target) {
        constexpr int kShift = 64 - std::countr_zero(kServiceBuckets);
        static_assert(std::has_single_bit(kServiceBuckets));
        return static_cast<std::uint32_t>((destination_part + target) * abi::kHashOdd1 >> kShift);
    }
    // The index of the service, or kNone. `services` are the views of the generation.
    std::uint32_t find_service(std::uint32_t bucket, const ServiceView* services,
                               const IpAddress& address, std::uint32_t target) const;

    // The index of the service that find_service() compares first, or kNoService. It is usually the
    // right one.
    std::uint32_t first_candidate(std::uint32_t bucket) const { return services_[bucket]; }

  private:
    static constexpr std::uint32_t kVipBuckets = 2 * abi::kMaxVips;
    static constexpr std::uint32_t kServiceBuckets = 8 * abi::kMaxServices;
    static_assert(abi::kMaxVips < 0xffff && abi::kMaxServices < 0xffff);

    // Searches the services on several ports. Not inlined, to keep find_service() small.
    [[gnu::noinline]] std::uint32_t find_range(const ServiceView* services,
                                               const IpAddress& address,
                                               std::uint32_t target) const;
    std::span<const std::uint32_t> ranges() const { return {ranges_.data(), range_count_}; }

    // Hash tables with open addressing and linear probing. An element is an index, or the value
    // "free".
    static constexpr std::uint16_t kFreeVip = abi::kMaxVips;
    static constexpr std::uint16_t kFreeService = kNoService;
    std::array<std::uint16_t, kVipBuckets> vips_;
    std::array<std::uint16_t, kServiceBuckets> services_;
    // Services on several ports, ordered by (VIP, protocol, first port).
    std::array<std::uint32_t, abi::kMaxServices> ranges_;
    std::uint32_t range_count_ = 0;
};

}  // namespace vipfwd::packet
