// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/extension_headers.h"

namespace vipfwd::packet {
namespace {

constexpr std::uint32_t kUnit = 8;  // bytes; lengths of extension headers are multiples of it

// The start of hop-by-hop options, destination options and routing headers.
struct OptionsHeader {
    std::uint8_t next_header;
    std::uint8_t length;  // in units of 8 bytes, without the first
    std::uint8_t routing_type;
    std::uint8_t segments_left;
    std::uint8_t rest[4];
};

static_assert(sizeof(OptionsHeader) == kUnit);

bool is_options(std::uint8_t protocol) {
    return protocol == kIpProtocolHopByHop || protocol == kIpProtocolRouting ||
           protocol == kIpProtocolDestinationOptions;
}

}  // namespace

ExtensionChain walk_extension_headers(std::span<const std::uint8_t> bytes,
                                      std::uint8_t next_header) {
    ExtensionChain chain;
    chain.protocol = next_header;
    bool has_fragment_header = false;
    for (std::uint32_t headers = 0; headers <= kMaxExtensionHeaders; ++headers) {
        const bool is_fragment_header = chain.protocol == kIpProtocolFragment;
        if (!is_options(chain.protocol) && !is_fragment_header) {
            chain.is_good = true;
            return chain;
        }
        if (chain.offset + kUnit > bytes.size())
            return chain;
        if (is_fragment_header) {
            if (has_fragment_header)
                return chain;
            has_fragment_header = true;
            chain.fragment = load<Ipv6FragmentHeader>(bytes, chain.offset);
            chain.protocol = chain.fragment.next_header;
            chain.offset += kUnit;
            chain.fragment_end = chain.offset;
            const std::uint16_t field = chain.fragment.fragment.host();
            chain.is_fragment = (field & (kIpv6OffsetMask | kIpv6MoreFragments)) != 0;
            if ((field & kIpv6OffsetMask) != 0) {
                chain.is_good = true;
                return chain;
            }
            continue;
        }
        const auto header = load<OptionsHeader>(bytes, chain.offset);
        if (chain.protocol == kIpProtocolRouting && header.segments_left != 0)
            return chain;
        chain.protocol = header.next_header;
        chain.offset += (header.length + 1u) * kUnit;
        if (chain.offset > kMaxExtensionBytes || chain.offset > bytes.size())
            return chain;
    }
    return chain;
}

}  // namespace vipfwd::packet
