// SPDX-License-Identifier: Apache-2.0
// What decides to which backend a connection to a group's VIPs goes, in a few bytes: gateways of
// one group compare them. If they differ, a failover moves connections to other backends.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "control/table/generation_tables.h"
#include "dataplane/abi/address.h"

namespace vipfwd::table {

struct GroupDigest {
    // A keyed digest of the hash key (HMAC-SHA256, cut to 32 bits), which does not tell the key.
    // 0: the key is random on purpose (random_seed), and need not be that of others.
    std::uint32_t key = 0;
    // Of the services of the VIPs: VIP, protocol, ports, forwarding mode, affinity, pinning.
    std::uint32_t services = 0;
    // Of the pool of each of these services: addresses and weights, and the size of the ring. Not
    // of what checks find out and operators take out, see backend_findings.h.
    std::uint32_t backends = 0;

    friend bool operator==(const GroupDigest&, const GroupDigest&) = default;
};

// The services of the VIPs, ordered by VIP, protocol and port; valid as long as the tables.
std::vector<const abi::ServiceEntry*> services_of(const Tables& tables,
                                                  std::span<const IpAddress> vips);

// Names, order and indices do not count: they may differ from gateway to gateway.
GroupDigest group_digest(const Tables& tables, std::span<const IpAddress> vips);

}  // namespace vipfwd::table
