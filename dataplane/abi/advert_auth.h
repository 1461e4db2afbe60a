// SPDX-License-Identifier: Apache-2.0
// How gateways of our own kind authenticate adverts to each other: by a trailer behind the VRRP
// message, in the same IP packet, which is otherwise as RFC 9568 has it.
//
//    0  magic     4 bytes, "vfa1"
//    4  sequence  8 bytes, big endian: higher than in any earlier advert of the same sender,
//                 group and key; about the time, in nanoseconds since 1970
//   12  MAC       32 bytes, HMAC-SHA256 over source and destination (16 bytes each, IPv4 as
//                 ::ffff:a.b.c.d), the VRRP message as sent, and the trailer up to here
//
// The sender increases the sequence: DataplaneStatus::last_sequence and GroupLease::last_sequence
// hold the last one of each process. The receiver discards a sequence that is not above the highest
// one in LeaseArea::received_sequences.
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

// The sequence of the next advert. `last` is the highest that either process has used, `wall_ns` is
// CLOCK_REALTIME: a gateway that has lost its state continues above what it sent before.
constexpr std::uint64_t next_sequence(std::uint64_t last, std::int64_t wall_ns) {
    return std::max(last + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(wall_ns, 0)));
}

// The same for one of the two processes that send: `mine` is the caller's last_sequence and is
// updated, `theirs` is the other process's.
inline std::uint64_t take_next_sequence(SharedWord& mine, const SharedWord& theirs,
                                        std::int64_t wall_ns) {
    const std::uint64_t sequence = next_sequence(std::max(mine.load(), theirs.load()), wall_ns);
    mine.store(sequence);
    return sequence;
}

// Signs and verifies. A payload is an IP payload: a VRRP message, followed by the trailer in its
// last kAuthTrailerBytes. Requires that it is at least as long as the trailer.
class AdvertSigner {
  public:
    // Writes the trailer. False if libcrypto fails: then no peer would accept the advert.
    bool sign(std::span<std::uint8_t> payload, const IpAddress& source,
              const IpAddress& destination, const HmacKey& key, std::uint64_t sequence);

    // The sequence if the MAC is correct, else nullopt.
    std::optional<std::uint64_t> verify(std::span<const std::uint8_t> payload,
                                        const IpAddress& source, const IpAddress& destination,
                                        const HmacKey& key);

  private:
    std::optional<Mac> mac_of(std::span<const std::uint8_t> payload, const IpAddress& source,
                              const IpAddress& destination, const HmacKey& key);

    Hmac hmac_;
};

}  // namespace vipfwd::abi
