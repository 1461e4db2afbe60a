// SPDX-License-Identifier: Apache-2.0
// Verifies that an advert was sent with the group's key, and that it is not a replay.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "control/vrrp/discard.h"
#include "control/vrrp/received_sequences.h"
#include "dataplane/abi/advert_auth.h"
#include "dataplane/abi/time_units.h"

namespace vipfwd::vrrp {

// How far the sender's clock may be from ours in the first advert received from it. A recorded
// advert can be replayed for that long to a gateway that has lost its state.
inline constexpr std::int64_t kMaxClockDifference_ns = 300 * kNanosecondsPerS;

struct Authentication {
    std::optional<Discard> discard;  // nullopt: authentic; its sequence has been stored
    std::int64_t ahead_ns = 0;       // kStale: how far the sender's clock is ahead of ours
};

// `payload` is one that decode() accepted; `wall_ns` is its receive time by CLOCK_REALTIME.
Authentication authenticate(std::span<const std::uint8_t> payload, const IpAddress& source,
                            const IpAddress& destination, std::string_view group,
                            const abi::HmacKey& key, abi::AdvertSigner& signer,
                            ReceivedSequences received, std::int64_t wall_ns);

}  // namespace vipfwd::vrrp
