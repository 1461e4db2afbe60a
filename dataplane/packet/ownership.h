// SPDX-License-Identifier: Apache-2.0
// For which VIPs this gateway answers, according to the leases as a worker last read them.
#pragma once

#include <bitset>
#include <cstdint>

#include "dataplane/abi/lease.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

class Ownership {
  public:
    // Call it whenever a lease may have changed or expired.
    void update(const abi::Generation& generation, const abi::LeaseArea& leases,
                std::uint64_t now_ns) {
        for (std::uint32_t i = 0; i < generation.header.group_count; ++i) {
            const std::uint16_t lease = generation.groups[i].lease;
            owned_[lease] = leases.groups[lease].owns(now_ns);
        }
    }

    // Requires a VIP of a valid generation.
    bool owns(const abi::VipEntry& vip) const {
        return abi::is_lease(vip.lease) ? owned_[vip.lease] : vip.lease == abi::kNoGroup;
    }

  private:
    std::bitset<abi::kMaxGroups> owned_;
};

}  // namespace vipfwd::packet
