// SPDX-License-Identifier: Apache-2.0
// Why an advert that was received counts for nothing (RFC 9568 §7.1, RFC 3768 §7.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dataplane/abi/enum.h"

namespace vipfwd::vrrp {

enum class Discard : std::uint8_t {
    // decode() sees these in the bytes and the IP header.
    kTtl,
    kVersion,  // or Election::on_advert(): another one than the group's
    kType,
    kLength,
    kCount,
    kInterval,  // or Election::on_advert(): not the group's, in version 2
    kAuthentication,
    kChecksum,
    // Election::on_advert() knows the group.
    kUnknownId,
    kOwnSource,
    // Whoever holds the list of peers knows it.
    kNotPeer,
    // authenticate() knows the key, and what was heard before.
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
    {Discard::kTtl, "ttl", "TTL or hop limit is not 255: it came through a router"},
    {Discard::kVersion, "version",
     "neither VRRP 3 nor 2, 2 over IPv6, or not the version of the group"},
    {Discard::kType, "type", "not an advertisement"},
    {Discard::kLength, "length", "not exactly as long as its count of addresses says"},
    {Discard::kCount, "count", "no address"},
    {Discard::kInterval, "interval", "interval 0, or in VRRP 2 another one than the group's"},
    {Discard::kAuthentication, "authentication", "VRRP 2 with authentication"},
    {Discard::kChecksum, "checksum", "wrong checksum"},
    {Discard::kUnknownId, "unknown_id", "virtual router id of no group here"},
    {Discard::kOwnSource, "own_source",
     "from our own address: a loop, or an address that two gateways have"},
    {Discard::kNotPeer, "not_peer", "from an address that is not among the group's peers"},
    {Discard::kUnauthenticated, "unauthenticated", "not authenticated, as the group requires it"},
    {Discard::kBadMac, "bad_mac", "authenticated with another key than the group's, or forged"},
    {Discard::kReplayed, "replayed",
     "said before, or its sender's clock went back while it was off"},
    {Discard::kStale, "stale",
     "the first of its sender, whose clock and ours differ by more than 5 minutes"},
}};
static_assert(abi::is_indexed_by(kDiscardTexts, &DiscardText::discard));

constexpr std::string_view name(Discard discard) {
    return kDiscardTexts[static_cast<std::size_t>(discard)].name;
}

constexpr std::string_view description(Discard discard) {
    return kDiscardTexts[static_cast<std::size_t>(discard)].description;
}

}  // namespace vipfwd::vrrp
