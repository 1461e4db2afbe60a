// SPDX-License-Identifier: Apache-2.0
#include "control/group/lease_writer.h"

#include <optional>

namespace vipfwd::group {
namespace {

using abi::Claim;
using abi::LeaseState;
using vrrp::State;

LeaseState lease_state(State state, bool resigns) {
    switch (state) {
        case State::kActive:
            return LeaseState::kOwner;
        case State::kHandingOver:
            return LeaseState::kHandingOver;
        case State::kDown:
        case State::kBackup:
            break;
    }
    return resigns ? LeaseState::kResigned : LeaseState::kBackup;
}

State election_state_of(LeaseState state) {
    switch (state) {
        case LeaseState::kOwner:
            return State::kActive;
        case LeaseState::kHandingOver:
            return State::kHandingOver;
        case LeaseState::kBackup:
        case LeaseState::kResigned:
            break;
    }
    return State::kBackup;
}

// GroupLease::election_state: the interval, and in bit 0 whether it may preempt. The State itself
// follows from the claim.
std::uint64_t pack(const vrrp::ElectionState& state) {
    return std::uint64_t{state.interval_ms} << 1 | (state.may_preempt ? 1 : 0);
}

// GroupLease::operator_override: bit 8, and the priority in the low byte (0: the configured one).
constexpr std::uint64_t kDisabled = 1 << 8;

}  // namespace

vrrp::ElectionState LeaseWriter::election_state(std::int64_t now_ns) const {
    const std::uint64_t word = lease_->election_state.load();
    return {.state = election_state_of(lease_->at(to_u64(now_ns)).state),
            .may_preempt = (word & 1) != 0,
            .interval_ms = static_cast<std::uint32_t>(word >> 1)};
}

OperatorOverride LeaseWriter::operator_override() const {
    const std::uint64_t word = lease_->operator_override.load();
    const auto priority = static_cast<std::uint8_t>(word);
    return {.enabled = (word & kDisabled) == 0,
            .priority = priority == 0 ? std::nullopt : std::optional(priority)};
}

void LeaseWriter::store(const OperatorOverride& operator_override) {
    lease_->operator_override.store((operator_override.enabled ? 0 : kDisabled) |
                                    operator_override.priority.value_or(0));
}

void LeaseWriter::write(const vrrp::Election& election, const vrrp::Decision& decision,
                        std::int64_t expires_ns) {
    const Claim before = claim();
    Claim next = before;
    next.state = lease_state(election.state(), decision.resign);
    // The dataplane may not have sent the advert of priority 0 yet.
    if (next.state == LeaseState::kBackup && before.state == LeaseState::kResigned)
        next.state = LeaseState::kResigned;
    if (next.state == LeaseState::kOwner)
        next.priority = election.priority();
    if (decision.advertise || next != before)
        ++next.epoch;
    if (decision.announce)
        ++next.announcement;
    lease_->election_state.store(pack(election.election_state()));
    if (next == before)
        return;
    // An owner's expiry is extended before the claim is stored, so that the claim is valid at once.
    // A claim that is given up is not extended: it may have expired already.
    if (vrrp::owns(election.state()))
        lease_->expires_ns.store(to_u64(expires_ns));
    store_claim(next);
}

void LeaseWriter::restore(abi::Claim claim) {
    ++claim.epoch;
    ++claim.announcement;
    store_claim(claim);
}

void LeaseWriter::store_claim(const abi::Claim& claim) {
    lease_->claim.store(claim.pack());
    leases_->changes.store(leases_->changes.load() + 1);
}

void LeaseWriter::renew(const vrrp::Election& election, std::int64_t expires_ns) {
    if (election.state() == State::kDown)
        return;
    if (abi::owns(claim().state) == vrrp::owns(election.state()))
        lease_->expires_ns.store(to_u64(expires_ns));
}

void LeaseWriter::invalidate() {
    lease_->expires_ns.store(0);
    lease_->operator_override.store(0);
}

}  // namespace vipfwd::group
