// SPDX-License-Identifier: Apache-2.0
// The highest sequence number received from each sender of authenticated adverts. It is kept in the
// region, so that a replayed advert is also recognised after a restart of control.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hmac.h"
#include "dataplane/abi/lease.h"

namespace vipfwd::vrrp {

// Identifies the sender of a group's adverts by group, source address and key. A changed key makes
// another sender, so its sequence numbers start anew. Never 0.
std::uint64_t sender_of(std::string_view group, const IpAddress& source, const abi::HmacKey& key);

// A view of LeaseArea::received_sequences.
class ReceivedSequences {
  public:
    explicit ReceivedSequences(std::span<abi::ReceivedSequence> entries) : entries_(entries) {}

    // The sender's highest sequence; 0: none has been received.
    std::uint64_t highest(std::uint64_t sender) const;
    // Stores `sequence` if it is higher. If all entries are in use, a new sender replaces the one
    // with the lowest sequence, which has been silent for longest.
    void raise(std::uint64_t sender, std::uint64_t sequence);

  private:
    std::span<abi::ReceivedSequence> entries_;
};

}  // namespace vipfwd::vrrp
