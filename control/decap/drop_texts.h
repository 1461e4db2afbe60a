// SPDX-License-Identifier: Apache-2.0
// Names and descriptions of the decapsulator's drop counters.
#pragma once

#include <array>
#include <string_view>

#include "dataplane/bpf/decap_counters.h"

namespace vipfwd::decap {

struct CounterText {
    decap_counter counter;
    std::string_view name;
    std::string_view description;
};

inline constexpr std::array<CounterText, DECAP_COUNTERS - 1> kDropTexts{{
    {DECAP_OUTER_VERSION, "outer_version", "the outer header's version is not the frame's"},
    {DECAP_OUTER_HEADER_LENGTH, "outer_header_length", "outer IHL below 5, or beyond the frame"},
    {DECAP_OUTER_TOTAL_LENGTH, "outer_total_length",
     "outer length below the header's, or beyond the frame"},
    {DECAP_OUTER_CHECKSUM, "outer_checksum", "wrong outer header checksum"},
    {DECAP_OUTER_FRAGMENT, "outer_fragment", "the tunnel packet is a fragment"},
    {DECAP_OUTER_SOURCE, "outer_source", "the source is not allowed (--allow)"},
    {DECAP_UDP_LENGTH, "udp_length", "UDP length below its header's, or beyond the packet"},
    {DECAP_GUE_VARIANT, "gue_variant", "the variant of GUE is not 0"},
    {DECAP_GUE_CONTROL, "gue_control", "a control message of GUE"},
    {DECAP_GUE_HEADER_LENGTH, "gue_header_length", "the GUE header ends beyond the datagram"},
    {DECAP_GUE_PROTOCOL, "gue_protocol", "GUE carries neither IPv4 nor IPv6"},
    {DECAP_INNER_TRUNCATED, "inner_truncated", "the tunnel ends inside the inner header"},
    {DECAP_INNER_VERSION, "inner_version", "the inner header's version is not the tunnel's"},
    {DECAP_INNER_HEADER_LENGTH, "inner_header_length", "inner IHL below 5"},
    {DECAP_INNER_TOTAL_LENGTH, "inner_total_length",
     "inner length below the header's, or beyond the tunnel"},
    {DECAP_INNER_EXPIRED, "inner_expired", "the inner TTL or hop limit is 0"},
    {DECAP_INNER_DESTINATION, "inner_destination", "the packet inside is not for a VIP (--vip)"},
    {DECAP_INNER_SOURCE, "inner_source",
     "the packet inside is from a VIP or an address of this host"},
    {DECAP_ECN, "ecn", "marked as congested, to a transport without ECN (RFC 6040)"},
}};

// Entry i describes counter i + 1, so that a counter without a text does not compile.
static_assert([] {
    for (std::size_t i = 0; i < kDropTexts.size(); ++i) {
        if (kDropTexts[i].counter != static_cast<decap_counter>(i + 1))
            return false;
    }
    return DECAP_UNWRAPPED == 0;
}());

}  // namespace vipfwd::decap
