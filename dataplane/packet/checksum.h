// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071).
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/abi/address.h"

namespace vipfwd::packet {

// The one's complement sum of 16-bit words in wire order. 0xffff over a header whose checksum is
// right.
inline std::uint16_t internet_sum(std::span<const std::uint8_t> bytes) {
    std::uint64_t sum = 0;
    while (bytes.size() >= 2) {
        std::uint16_t word;
        std::memcpy(&word, bytes.data(), sizeof word);
        sum += word;
        bytes = bytes.subspan(2);
    }
    if (!bytes.empty())
        sum += bytes[0];  // the low byte of a word in wire order
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

// What to put in a checksum field that is zero in `bytes`.
inline Be16 internet_checksum(std::span<const std::uint8_t> bytes) {
    return {static_cast<std::uint16_t>(~internet_sum(bytes))};
}

}  // namespace vipfwd::packet
