// SPDX-License-Identifier: Apache-2.0
// Which VIPs are this gateway's to answer for, as a worker last saw the leases.
#pragma once

#include <bitset>
#include <cstdint>

#include "dataplane/abi/lease.h"
#include "dataplane/abi/tables.h"

namespace vipfwd::packet {

class Ownership {
  public:
    // To be called whenever a lease may have changed or run out.
    void look(const abi::Generation& generation, const abi::LeaseArea& leases,
              std::uint64_t now_ns) {
        for (std::uint32_t i = 0; i < generation.header.group_count; ++i) {
            const std::uint16_t lease = generation.groups[i].lease;
            owned_[lease] = leases.groups[lease].owns(now_ns);
        }
    }

    // Requires a VIP of a generation that validates.
    bool owns(const abi::VipEntry& vip) const {
        return vip.lease == abi::kNoGroup || owned_[vip.lease];
    }

  private:
    std::bitset<abi::kMaxGroups> owned_;
};

}  // namespace vipfwd::packet
