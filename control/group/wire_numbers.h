// SPDX-License-Identifier: Apache-2.0
// Big-endian numbers in the messages of gateways.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vipfwd::group {

template <std::unsigned_integral Number>
void append_number(std::vector<std::uint8_t>& bytes, Number number) {
    for (int shift = 8 * sizeof(Number) - 8; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(number >> shift));
}

// Requires that the bytes have a whole number there.
template <std::unsigned_integral Number>
Number read_number(std::span<const std::uint8_t> bytes, std::size_t at) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes.subspan(at, sizeof(Number)))
        number = number << 8 | byte;
    return static_cast<Number>(number);
}

}  // namespace vipfwd::group
