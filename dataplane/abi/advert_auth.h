// SPDX-License-Identifier: Apache-2.0
// How gateways of our own kind authenticate adverts to each other: by a trailer behind the VRRP
// message, in the same IP packet, which is otherwise as RFC 9568 has it.
//
//    0  magic     4 bytes, "vfa1"
//    4  sequence  8 bytes, big endian: higher than that of any advert before of the same sender,
//                 group and key; about the time, in nanoseconds since 1970
//   12  MAC       32 bytes, HMAC-SHA256 over source and destination (16 bytes each, IPv4 as
//                 ::ffff:a.b.c.d), the VRRP message as it is sent, and the trailer up to here
//
// Who sends increases: DataplaneStatus::said and GroupLease::said remember the last sequence of
// either process. Who receives takes nothing twice: LeaseArea::heard.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/abi/address.h"
#include "dataplane/abi/hmac.h"
#include "dataplane/abi/shared.h"

namespace vipfwd::abi {

inline constexpr std::array<std::uint8_t, 4> kAuthMagic = {'v', 'f', 'a', '1'};
inline constexpr std::uint32_t kAuthSequenceOffset = 4;
inline constexpr std::uint32_t kAuthMacOffset = 12;
inline constexpr std::uint32_t kAuthTrailerBytes = kAuthMacOffset + sizeof(Mac);

// Of the next advert. `last` is the highest that was said by either process, `wall_ns` is
// CLOCK_REALTIME: so a gateway that remembers nothing goes on above what it said before.
constexpr std::uint64_t next_sequence(std::uint64_t last, std::int64_t wall_ns) {
    return std::max(last + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ns, 0)));
}

// Of the next advert of a sender, of which there are two: `mine` is the word where it remembers
// what it said, `theirs` that of the other process.
inline std::uint64_t say_next(SharedWord& mine, const SharedWord& theirs, std::int64_t wall_ns) {
    const std::uint64_t sequence = next_sequence(std::max(mine.load(), theirs.load()), wall_ns);
    mine.store(sequence);
    return sequence;
}

// The same for whoever signs and whoever verifies. Payloads are IP payloads: a VRRP message and a
// trailer, the last kAuthTrailerBytes. Requires that they are no shorter than that.
class AdvertSigner {
  public:
    // Writes the trailer. False if libcrypto refuses: then nobody would take the advert.
    bool sign(std::span<std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination, const HmacKey& key, std::uint64_t sequence);

    // The sequence, if the MAC is right.
    std::optional<std::uint64_t> verify(std::span<const std::uint8_t> payload,
                                        const IpAddress& source, const IpAddress& destination,
                                        const HmacKey& key);

  private:
    std::optional<Mac> mac_of(std::span<const std::uint8_t> payload, const IpAddress& source,
                              const IpAddress& destination, const HmacKey& key);

    Hmac hmac_;
};

}  // namespace vipfwd::abi
