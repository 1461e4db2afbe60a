// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/authenticate.h"

#include "control/vrrp/advert.h"

namespace vipfwd::vrrp {

Authentication authenticate(std::span<const std::uint8_t> payload, const IpAddress& source,
                            const IpAddress& destination, std::string_view group,
                            const abi::HmacKey& key, abi::AdvertSigner& signer,
                            ReceivedSequences received, std::int64_t wall_ns) {
    if (!has_trailer(payload, source.is_v4()))
        return {.discard = Discard::kUnauthenticated};
    const std::optional<std::uint64_t> sequence = signer.verify(payload, source, destination, key);
    if (!sequence)
        return {.discard = Discard::kBadMac};
    const std::uint64_t sender = sender_of(group, source, key);
    const std::uint64_t highest = received.highest(sender);
    if (*sequence <= highest)
        return {.discard = Discard::kReplayed};
    // Subtract as unsigned numbers, whose difference cannot overflow.
    const auto ahead_ns =
        static_cast<std::int64_t>(*sequence - static_cast<std::uint64_t>(wall_ns));
    if (highest == 0 && (ahead_ns > kMaxClockDifference_ns || ahead_ns < -kMaxClockDifference_ns))
        return {.discard = Discard::kStale, .ahead_ns = ahead_ns};
    received.raise(sender, *sequence);
    return {};
}

}  // namespace vipfwd::vrrp
