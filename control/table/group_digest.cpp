// SPDX-License-Identifier: Apache-2.0
#include "control/table/group_digest.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dataplane/abi/address_hash.h"
#include "dataplane/abi/hash.h"
#include "dataplane/abi/hmac.h"

namespace vipfwd::table {
namespace {

constexpr std::string_view kKeyLabel = "vipfwd: digest of the hash key";

// Appends values in a form that does not depend on the machine.
class Bytes {
  public:
    Bytes& add(const IpAddress& address) {
        for (const std::uint8_t byte : address.bytes)
            bytes_.push_back(std::byte{byte});
        return *this;
    }
    Bytes& add(std::uint64_t number) {
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes_.push_back(static_cast<std::byte>(number >> shift));
        return *this;
    }
    std::uint64_t digest() const { return abi::checksum(bytes_); }

  private:
    std::vector<std::byte> bytes_;
};

std::uint32_t fold(std::uint64_t digest) {
    return static_cast<std::uint32_t>(digest ^ digest >> 32);
}

std::uint32_t digest_of(const abi::HashKey& key) {
    std::array<std::uint8_t, 16> secret{};
    for (std::size_t i = 0; i < secret.size(); ++i)
        secret[i] = static_cast<std::uint8_t>(key.words[i / 8] >> (56 - i % 8 * 8));
    const auto hmac_key = abi::hmac_key(secret);
    abi::Hmac hmac;
    const auto label =
        std::span(reinterpret_cast<const std::uint8_t*>(kKeyLabel.data()), kKeyLabel.size());
    const auto mac = hmac_key ? hmac.of(*hmac_key, {label}) : std::nullopt;
    if (!mac)
        return 0;  // libcrypto fails
    std::uint32_t cut = 0;
    for (std::size_t i = 0; i < sizeof cut; ++i)
        cut = cut << 8 | (*mac)[i];
    return cut;
}

std::uint64_t digest_of_pool(const Tables& tables, const abi::PoolEntry& pool) {
    std::vector<const abi::BackendEntry*> backends;
    for (const abi::BackendEntry& backend : backends_of(tables, pool)) {
        if (!is_retired(backend) && backend.weight > 0)
            backends.push_back(&backend);
    }
    std::ranges::sort(backends, {}, &abi::BackendEntry::address);
    Bytes bytes;
    bytes.add(pool.ring_slots);
    for (const abi::BackendEntry* backend : backends)
        bytes.add(backend->address).add(backend->weight);
    return bytes.digest();
}

}  // namespace

std::vector<const abi::ServiceEntry*> services_of(const Tables& tables,
                                                  std::span<const IpAddress> vips) {
    const std::unordered_set<IpAddress, AddressHash> wanted(vips.begin(), vips.end());
    std::vector<const abi::ServiceEntry*> services;
    for (const abi::ServiceEntry& service : tables.services) {
        if (wanted.contains(service.vip))
            services.push_back(&service);
    }
    std::ranges::sort(services, {}, [](const abi::ServiceEntry* one) {
        return std::tuple(one->vip, one->protocol, one->port_first);
    });
    return services;
}

GroupDigest group_digest(const Tables& tables, std::span<const IpAddress> vips) {
    Bytes of_services;
    Bytes of_backends;
    std::unordered_map<std::uint32_t, std::uint64_t> pools;  // by their index
    for (const abi::ServiceEntry* service : services_of(tables, vips)) {
        of_services.add(service->vip)
            .add(service->protocol)
            .add(std::uint64_t{service->port_first} << 16 | service->port_last)
            .add(std::uint64_t{service->forward} << 16 | service->affinity << 8 | service->flags);
        const auto [pool, is_new] = pools.try_emplace(service->pool);
        if (is_new)
            pool->second = digest_of_pool(tables, tables.pools[service->pool]);
        of_backends.add(pool->second);
    }
    return {.key = digest_of(tables.key),
            .services = fold(of_services.digest()),
            .backends = fold(of_backends.digest())};
}

}  // namespace vipfwd::table
