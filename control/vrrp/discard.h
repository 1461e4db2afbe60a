// SPDX-License-Identifier: Apache-2.0
// The reasons to discard a received advert (RFC 9568 §7.1, RFC 3768 §7.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::vrrp {

enum class Discard : std::uint8_t {
    // Found by decode() in the bytes and the IP header.
    kTtl,
    kVersion,  // or by Election::on_advert(): not the group's version
    kType,
    kLength,
    kCount,
    kInterval,  // or by Election::on_advert(): version 2, and not the group's interval
    kAuthentication,
    kChecksum,
    // Found by Election::on_advert().
    kUnknownId,
    kOwnSource,
    // Found by the owner of the lists of peers and VIPs.
    kNotPeer,
    kForeignVips,
    // Found by authenticate().
    kUnauthenticated,
    kBadMac,
    kReplayed,
    kStale,
    kLast = kStale,
};

inline constexpr std::size_t kDiscardCount = abi::kEnumCount<Discard>;

struct DiscardText {
    Discard discard;
    std::string_view name;
    std::string_view description;
};

inline constexpr std::array<DiscardText, kDiscardCount> kDiscardTexts{{
    {Discard::kTtl, "ttl", "TTL or hop limit is not 255: the advert was routed"},
    {Discard::kVersion, "version",
     "neither VRRP 3 nor 2, version 2 over IPv6, or not the version of the group"},
    {Discard::kType, "type", "not an advertisement"},
    {Discard::kLength, "length", "the length does not match the count of addresses"},
    {Discard::kCount, "count", "the advert lists no address"},
    {Discard::kInterval, "interval", "interval 0, or in VRRP 2 not the interval of the group"},
    {Discard::kAuthentication, "authentication", "VRRP 2 with authentication"},
    {Discard::kChecksum, "checksum", "wrong checksum"},
    {Discard::kUnknownId, "unknown_id", "no group on that interface has this virtual router id"},
    {Discard::kOwnSource, "own_source",
     "from our own address: a loop, or two gateways have the same address"},
    {Discard::kNotPeer, "not_peer", "the source is not one of the group's peers"},
    {Discard::kForeignVips, "foreign_vips",
     "it lists none of the group's VIPs: another virtual router has the same id"},
    {Discard::kUnauthenticated, "unauthenticated",
     "the group requires authentication, and the advert has none"},
    {Discard::kBadMac, "bad_mac", "authenticated with another key than the group's, or forged"},
    {Discard::kReplayed, "replayed",
     "received before, or the sender's clock went back while it was off"},
    {Discard::kStale, "stale",
     "the first advert of a sender whose clock differs from ours by more than 5 minutes"},
}};
static_assert(abi::is_indexed_by(kDiscardTexts, &DiscardText::discard));

constexpr std::string_view name(Discard discard) {
    return kDiscardTexts[static_cast<std::size_t>(discard)].name;
}

constexpr std::string_view description(Discard discard) {
    return kDiscardTexts[static_cast<std::size_t>(discard)].description;
}

}  // namespace vipfwd::vrrp
