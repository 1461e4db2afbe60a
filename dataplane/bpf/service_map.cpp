// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/service_map.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <set>

#include "dataplane/abi/address_text.h"
#include "dataplane/abi/limits.h"
#include "dataplane/bpf/map_entries.h"

namespace vipfwd::bpf {
namespace {

static_assert(STEER_MAX_VIPS == abi::kMaxVips && STEER_MAX_SERVICES == abi::kMaxServices &&
              STEER_MAX_QUEUES >= abi::kMaxQueuesPerPort);

constexpr std::uint32_t kPorts = 1u << 16;

struct ByBytes {
    bool operator()(const steer_service& a, const steer_service& b) const {
        return std::memcmp(&a, &b, sizeof a) < 0;
    }
};

using Prefixes = std::set<steer_service, ByBytes>;

// The prefix of the 2^`free_bits` ports from `first` on.
steer_service prefix_of(const ServicePorts& service, std::uint32_t first, int free_bits) {
    steer_service prefix{};
    prefix.prefix_bits = STEER_SERVICE_BITS - static_cast<std::uint32_t>(free_bits);
    std::memcpy(prefix.vip, service.vip.bytes.data(), sizeof prefix.vip);
    prefix.protocol = htons(service.protocol);
    prefix.port = htons(static_cast<std::uint16_t>(first));
    return prefix;
}

Result<Prefixes> prefixes_in(int map) {
    const auto entries = entries_of<steer_service, std::uint8_t>(map, "the services");
    if (!entries)
        return entries.error();
    Prefixes listed;
    for (const auto& [prefix, unused] : *entries)
        listed.insert(prefix);
    return listed;
}

std::string text_of(const steer_service& prefix) {
    IpAddress vip;
    std::memcpy(vip.bytes.data(), prefix.vip, sizeof prefix.vip);
    return "port " + std::to_string(ntohs(prefix.port)) + " of " + to_string(vip);
}

}  // namespace

std::vector<steer_service> prefixes_of(const ServicePorts& service) {
    std::vector<steer_service> prefixes;
    std::uint32_t first = service.port_first;
    const std::uint32_t end = service.port_last + 1u;
    while (first < end) {
        // The largest block of ports that begins at `first`, by its alignment and by the ports
        // left.
        const int aligned = std::countr_zero(first | kPorts);
        const int left = std::bit_width(end - first) - 1;
        const int free_bits = std::min(aligned, left);
        prefixes.push_back(prefix_of(service, first, free_bits));
        first += 1u << free_bits;
    }
    return prefixes;
}

Result<ServiceChanges> add_services(int map, std::span<const ServicePorts> services) {
    Prefixes wanted;
    for (const ServicePorts& service : services) {
        for (const steer_service& prefix : prefixes_of(service))
            wanted.insert(prefix);
    }
    const Result<Prefixes> present = prefixes_in(map);
    if (!present)
        return present.error();
    ServiceChanges changes;
    const std::uint8_t unused = 1;
    for (const steer_service& prefix : wanted) {
        if (present->contains(prefix))
            continue;
        if (bpf_map_update_elem(map, &prefix, &unused, BPF_ANY) != 0)
            return system_error("cannot add " + text_of(prefix) + " to the services");
        ++changes.added;
    }
    for (const steer_service& prefix : *present) {
        if (!wanted.contains(prefix))
            changes.surplus.push_back(prefix);
    }
    return changes;
}

Result<void> remove_services(int map, std::span<const steer_service> prefixes) {
    for (const steer_service& prefix : prefixes) {
        if (bpf_map_delete_elem(map, &prefix) != 0 && errno != ENOENT)
            return system_error("cannot remove " + text_of(prefix) + " from the services");
    }
    return {};
}

}  // namespace vipfwd::bpf
