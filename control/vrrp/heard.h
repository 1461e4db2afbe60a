// SPDX-License-Identifier: Apache-2.0
// What was heard of the senders of authenticated adverts, in the region: a restarted control knows
// it, too.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hmac.h"
#include "dataplane/abi/lease.h"

namespace vipfwd::vrrp {

// Whoever sends for that group, from that address, with that key: another key is another sender, so
// that changing it forgets all sequences. Never 0.
std::uint64_t sender_of(std::string_view group, const IpAddress& source, const abi::HmacKey& key);

// Refers to the words of LeaseArea::heard.
class HeardSequences {
  public:
    explicit HeardSequences(std::span<abi::HeardSequence> words) : words_(words) {}

    // The highest of the sender; 0: it was not heard yet.
    std::uint64_t highest(std::uint64_t sender) const;
    // Remembers a higher one. A new sender takes, if there is no other place, that of the lowest
    // sequence, which is of the sender that was not heard for longest.
    void raise(std::uint64_t sender, std::uint64_t sequence);

  private:
    std::span<abi::HeardSequence> words_;
};

}  // namespace vipfwd::vrrp
