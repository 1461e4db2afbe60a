// SPDX-License-Identifier: Apache-2.0
// A VRRP advertisement on the wire: version 3 over IPv4 and IPv6 (RFC 9568 §5.2), version 2 over
// IPv4 (RFC 3768 §5.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "control/vrrp/discard.h"
#include "dataplane/abi/address.h"

namespace vipfwd::vrrp {

inline constexpr std::uint8_t kIpProtocol = 112;     // RFC 9568 §5.1.1.4
inline constexpr std::uint8_t kTtl = 255;            // §5.1.1.3, §5.1.2.3
inline constexpr std::uint8_t kResignPriority = 0;   // §5.2.4: gives up the VIPs
inline constexpr std::uint8_t kOwnerPriority = 255;  // §5.2.4: has the VIPs as its own addresses
inline constexpr std::size_t kMaxAddresses = 255;    // §5.2.5: the count is one byte

// The multicast destination of adverts: 224.0.0.18 and ff02::12 (§5.1.1.2, §5.1.2.2).
constexpr IpAddress multicast_group(bool is_v4) {
    if (is_v4)
        return IpAddress::from_v4(Be32::from_host(0xe0000012));
    return {{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12}};
}

struct Advert {
    std::uint8_t version = 3;
    std::uint8_t id = 0;
    std::uint8_t priority = 0;
    // Version 3: a multiple of 10 up to 40950. Version 2: of 1000 up to 255000.
    std::uint32_t interval_ms = 0;
    std::vector<IpAddress> addresses;  // of the family that the advert is sent over

    friend bool operator==(const Advert&, const Advert&) = default;
};

// Whether the checksum covers a pseudo-header. RFC 9568 §5.2.8 leaves it out over IPv4; keepalived,
// FRR and VPP include it, and keepalived accepts nothing else.
enum class ChecksumForm { kWithPseudoHeader, kWithout };

// Decodes an IP payload; `source` and `destination` are of one family, `ttl` is the TTL or hop
// limit. Over IPv4, version 3 may have its checksum in either form. The reserved bits of version 3
// and the authentication data of version 2 are ignored (RFC 9568 §5.2.6, RFC 3768 §5.3.10). If
// there are several reasons to discard the advert, the first one in Discard is returned. Version 3
// may be followed by the trailer of dataplane/abi/advert_auth.h, which is not verified here.
std::variant<Advert, Discard> decode(std::span<const std::uint8_t> bytes, const IpAddress& source,
                                     const IpAddress& destination, std::uint8_t ttl);

// Whether that trailer follows an advert that decode() has accepted.
bool has_trailer(std::span<const std::uint8_t> bytes, bool v4);

// Encodes an advert as an IP payload. Requires what Advert says of its fields, and addresses of one
// family; addresses beyond kMaxAddresses are left out. `form` matters to version 3 over IPv4 only:
// IPv6 always includes the pseudo-header, version 2 never does. Another priority changes only the
// byte at abi::kVrrpPriorityOffset and the checksum (see amend_checksum()).
std::vector<std::uint8_t> encode(const Advert& advert, const IpAddress& source,
                                 const IpAddress& destination, ChecksumForm form);

}  // namespace vipfwd::vrrp
