// SPDX-License-Identifier: Apache-2.0
// Control's side of a group's lease (dataplane/abi/lease.h): it translates the state and decisions
// of an election into the words that the dataplane acts on, and reads what a former control left.
#pragma once

#include <cstdint>

#include "control/group/eligibility.h"
#include "control/vrrp/election.h"
#include "dataplane/abi/lease.h"

namespace vipfwd::group {

// A reference to the lease `index` of the region's leases. Copies refer to the same lease.
class LeaseWriter {
  public:
    // `index` is abi::kNoGroup, or `leases` null, if the group has no lease (yet).
    LeaseWriter(abi::LeaseArea* leases, std::uint16_t index)
        : leases_(leases),
          lease_(leases != nullptr && index != abi::kNoGroup ? &leases->groups[index] : nullptr) {}

    // True if there is a lease. All functions below require it.
    explicit operator bool() const { return lease_ != nullptr; }

    abi::Claim claim() const { return abi::Claim::unpack(lease_->claim.load()); }
    bool is_valid(std::int64_t now_ns) const { return to_u64(now_ns) < lease_->expires_ns.load(); }
    // Whether the dataplane owns the VIPs by the lease now.
    bool owns(std::int64_t now_ns) const { return lease_->owns(to_u64(now_ns)); }

    // The election as a former control left it. An expired lease was resigned by the dataplane.
    vrrp::ElectionState election_state(std::int64_t now_ns) const;
    OperatorOverride operator_override() const;
    void store(const OperatorOverride& operator_override);

    // Writes what `election` has decided. The claim is stored last: it is all that the dataplane
    // reads.
    void write(const vrrp::Election& election, const vrrp::Decision& decision,
               std::int64_t expires_ns);
    // Extends the lease, also that of a backup, whose state a later control is to adopt. It leaves
    // a lease alone that still claims what the election does not own, or the other way round.
    void renew(const vrrp::Election& election, std::int64_t expires_ns);
    // Writes a claim again, because something else has changed it. The dataplane advertises and
    // announces again, in case that others have noticed.
    void restore(abi::Claim claim);
    // Leaves nothing to be adopted: the group is not configured any more.
    void invalidate();

    // The word in which control counts its signed adverts.
    abi::SharedWord& last_sequence() { return lease_->last_sequence; }

  private:
    static std::uint64_t to_u64(std::int64_t time_ns) {
        return static_cast<std::uint64_t>(time_ns);
    }

    void store_claim(const abi::Claim& claim);

    abi::LeaseArea* leases_;
    abi::GroupLease* lease_;
};

}  // namespace vipfwd::group
