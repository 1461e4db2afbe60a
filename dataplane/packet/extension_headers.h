// SPDX-License-Identifier: Apache-2.0
// IPv6 extension headers (RFC 8200 §4), walked within a limit.
#pragma once

#include <cstdint>
#include <span>

#include "dataplane/packet/headers.h"

namespace vipfwd::packet {

inline constexpr std::uint32_t kMaxExtensionHeaders = 8;
inline constexpr std::uint32_t kMaxExtensionBytes = 256;

struct ExtensionChain {
    bool is_good = false;       // else: too long, cut short, or a route with segments left
    std::uint8_t protocol = 0;  // what the walk ended at
    std::uint32_t offset = 0;   // of that, from the start of `bytes`
    bool is_fragment = false;   // and not a whole packet in one fragment
    Ipv6FragmentHeader fragment{};
    std::uint32_t fragment_end = 0;  // where its payload starts, from the start of `bytes`
};

// `bytes` start behind the IPv6 header and end with the packet, or earlier: with what can be read.
// Ends at the first header that is no extension, or behind the fragment header of a later fragment:
// what follows there is in the middle of something.
ExtensionChain walk_extension_headers(std::span<const std::uint8_t> bytes,
                                      std::uint8_t next_header);

}  // namespace vipfwd::packet
