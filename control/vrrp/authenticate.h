// SPDX-License-Identifier: Apache-2.0
// Whether an advert is from somebody who has the group's key, and is said for the first time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "control/vrrp/discard.h"
#include "control/vrrp/received_sequences.h"
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::vrrp {

// How far the clock of a sender that is heard for the first time may be from ours: what was
// recorded before can be played back for so long, to a gateway that remembers nothing.
inline constexpr std::int64_t kFirstContact_ns = 300 * std::int64_t{1'000'000'000};

struct Authentication {
    std::optional<Discard> discard;  // nothing: it is authentic, and remembered as heard
    std::int64_t ahead_ns = 0;       // kStale: the sender's clock of ours
};

// `payload` is one that decode() let through, `wall_ns` when it was received by CLOCK_REALTIME.
Authentication authenticate(std::span<const std::uint8_t> payload, const IpAddress& source,
                            const IpAddress& destination, std::string_view group,
                            const abi::HmacKey& key, abi::AdvertSigner& signer,
                            ReceivedSequences heard, std::int64_t wall_ns);

}  // namespace vipfwd::vrrp
