// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

#include "dataplane/abi/address.h"

namespace vipfwd {

// Adds 16-bit words in wire order to `sum`, which is not folded. Spans may be added in any order;
// all but the last must have an even length, and together at most 16 GiB.
inline std::uint64_t add_to_sum(std::span<const std::uint8_t> bytes, std::uint64_t sum = 0) {
    while (bytes.size() >= 4) {
        std::uint32_t words;  // two at a time: RFC 1071 §2 (C)
        std::memcpy(&words, bytes.data(), sizeof words);
        sum += words;
        bytes = bytes.subspan(4);
    }
    if (bytes.size() >= 2) {
        std::uint16_t word;
        std::memcpy(&word, bytes.data(), sizeof word);
        sum += word;
        bytes = bytes.subspan(2);
    }
    if (!bytes.empty())
        sum += bytes[0];  // the low byte of a word in wire order
    return sum;
}

// Adds two sums, each of which may also be four 16-bit words in one integer.
inline std::uint64_t add_words(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t sum = a + b;
    return sum + (sum < a ? 1 : 0);  // end-around carry
}

// The upper half of x + (x rotated by half its width) is the sum of both halves with end-around
// carry.
inline std::uint16_t fold_sum(std::uint64_t sum) {
    const auto folded = static_cast<std::uint32_t>((sum + std::rotl(sum, 32)) >> 32);
    return static_cast<std::uint16_t>((folded + std::rotl(folded, 16)) >> 16);
}

// The one's complement sum. 0xffff for a header whose checksum is correct.
inline std::uint16_t internet_sum(std::span<const std::uint8_t> bytes) {
    return fold_sum(add_to_sum(bytes));
}

// The value of a checksum field that is zero in `bytes`.
inline Be16 internet_checksum(std::span<const std::uint8_t> bytes) {
    return {static_cast<std::uint16_t>(~internet_sum(bytes))};
}

// The sum over the pseudo-header of RFC 8200 §8.1.
inline std::uint64_t ipv6_pseudo_sum(const IpAddress& source, const IpAddress& destination,
                                     std::uint32_t length, std::uint8_t protocol) {
    const std::uint64_t sum = add_to_sum(destination.bytes, add_to_sum(source.bytes));
    return sum + Be16::from_host(static_cast<std::uint16_t>(length >> 16)).raw +
           Be16::from_host(static_cast<std::uint16_t>(length)).raw + Be16::from_host(protocol).raw;
}

// The checksum after one 16-bit word that it covers has changed (RFC 1624 §3, equation 3).
inline Be16 amend_checksum(Be16 checksum, Be16 before, Be16 after) {
    const std::uint64_t sum = std::uint64_t{static_cast<std::uint16_t>(~checksum.raw)} +
                              static_cast<std::uint16_t>(~before.raw) + after.raw;
    return {static_cast<std::uint16_t>(~fold_sum(sum))};
}

}  // namespace vipfwd
