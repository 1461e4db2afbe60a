// SPDX-License-Identifier: Apache-2.0
// Walks a bounded chain of IPv6 extension headers (RFC 8200 §4).
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

inline constexpr std::uint32_t kMaxExtensionHeaders = 8;
inline constexpr std::uint32_t kMaxExtensionBytes = 256;

struct ExtensionChain {
    bool is_good = false;       // else: too long, truncated, or a route with segments left
    std::uint8_t protocol = 0;  // of the header at which the walk ended
    std::uint32_t offset = 0;   // of that header, from the start of `bytes`
    bool is_fragment = false;   // has a fragment header that is not "atomic" (RFC 6946)
    Ipv6FragmentHeader fragment{};
    std::uint32_t fragment_end = 0;  // offset of the byte behind the fragment header
};

// Walks the chain in `bytes`, which start behind the IPv6 header and end with the packet, or with
// the part of it that can be read. The walk ends at the first header that is no extension header,
// or behind the fragment header of a later fragment, whose payload begins with no header.
ExtensionChain walk_extension_headers(std::span<const std::uint8_t> bytes,
                                      std::uint8_t next_header);

}  // namespace vipfwd::packet
