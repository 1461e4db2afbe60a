// SPDX-License-Identifier: Apache-2.0
// For which VIPs this gateway answers, according to the leases as a worker last read them.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "dataplane/abi/address_conflict.h"
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
            const abi::LeaseState state = leases.groups[lease].at(now_ns).state;
            owned_[lease] = abi::owns(state);
            if (state != abi::LeaseState::kOwner)
                not_owner_at_ns_[lease] = now_ns;
            owned_for_long_[lease] = now_ns - not_owner_at_ns_[lease] >= abi::kFormerOwner_ns;
        }
    }

    // Both require a VIP of a valid generation.
    bool owns(const abi::VipEntry& vip) const {
        return abi::is_lease(vip.lease) ? owned_[vip.lease] : vip.lease == abi::kNoGroup;
    }
    // Whether the VIP has come here long ago, and is not about to leave.
    bool has_owned_for_long(const abi::VipEntry& vip) const {
        return abi::is_lease(vip.lease) ? owned_for_long_[vip.lease] : vip.lease == abi::kNoGroup;
    }

  private:
    std::bitset<abi::kMaxGroups> owned_;
    std::bitset<abi::kMaxGroups> owned_for_long_;
    std::array<std::uint64_t, abi::kMaxGroups> not_owner_at_ns_{};  // when it was last seen so
};

}  // namespace vipfwd::packet
