// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/advert_auth.h"

namespace vipfwd::abi {

bool AdvertSigner::sign(std::span<std::uint8_t> payload, const IpAddress& source,
                        const IpAddress& destination, const HmacKey& key, std::uint64_t sequence) {
    const std::span<std::uint8_t> trailer = payload.last(kAuthTrailerBytes);
    std::ranges::copy(kAuthMagic, trailer.begin());
    for (std::uint32_t i = 0; i < sizeof sequence; ++i)
        trailer[kAuthSequenceOffset + i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i));
    const std::optional<Mac> mac = mac_of(payload, source, destination, key);
    if (!mac)
        return false;
    std::ranges::copy(*mac, trailer.begin() + kAuthMacOffset);
    return true;
}

std::optional<std::uint64_t> AdvertSigner::verify(std::span<const std::uint8_t> payload,
                                                  const IpAddress& source,
                                                  const IpAddress& destination,
                                                  const HmacKey& key) {
    const std::span<const std::uint8_t> trailer = payload.last(kAuthTrailerBytes);
    const std::optional<Mac> expected = mac_of(payload, source, destination, key);
    Mac received;
    std::ranges::copy(trailer.subspan(kAuthMacOffset), received.begin());
    if (!expected || !same(*expected, received))
        return std::nullopt;
    std::uint64_t sequence = 0;
    for (std::uint32_t i = 0; i < sizeof sequence; ++i)
        sequence = sequence << 8 | trailer[kAuthSequenceOffset + i];
    return sequence;
}

std::optional<Mac> AdvertSigner::mac_of(std::span<const std::uint8_t> payload,
                                        const IpAddress& source, const IpAddress& destination,
                                        const HmacKey& key) {
    return hmac_.of(key,
                    {source.bytes, destination.bytes, payload.first(payload.size() - sizeof(Mac))});
}

}  // namespace vipfwd::abi
