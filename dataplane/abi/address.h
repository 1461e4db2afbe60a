// SPDX-License-Identifier: Apache-2.0
// Network-order integers and addresses, shared by every layer. Text forms are in address_text.h.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace vipfwd {

static_assert(std::endian::native == std::endian::little, "wire conversion assumes little endian");

// A 16-bit integer as it stands on the wire. `raw` is never used in arithmetic.
struct Be16 {
    std::uint16_t raw = 0;

    static constexpr Be16 from_host(std::uint16_t value) { return {__builtin_bswap16(value)}; }
    constexpr std::uint16_t host() const { return __builtin_bswap16(raw); }
    friend constexpr bool operator==(Be16, Be16) = default;
};

// A 32-bit integer as it stands on the wire.
struct Be32 {
    std::uint32_t raw = 0;

    static constexpr Be32 from_host(std::uint32_t value) { return {__builtin_bswap32(value)}; }
    constexpr std::uint32_t host() const { return __builtin_bswap32(raw); }
    friend constexpr bool operator==(Be32, Be32) = default;
};

struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};

    constexpr bool is_multicast() const { return (bytes[0] & 1) != 0; }
    constexpr bool is_zero() const { return *this == MacAddress{}; }
    friend constexpr bool operator==(const MacAddress&, const MacAddress&) = default;
};

// An IPv4 or IPv6 address; IPv4 is held IPv4-mapped (::ffff:a.b.c.d, RFC 4291 §2.5.5.2), so that
// one type and one comparison serve both families. All zero means "none".
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};

    static constexpr IpAddress from_v4(Be32 v4) {
        return std::bit_cast<IpAddress>(
            std::array<std::uint64_t, 2>{0, std::uint64_t{v4.raw} << 32 | kMappedPrefix});
    }
    constexpr bool is_v4() const {
        const auto [high, low] = words();
        return high == 0 && (low & 0xffffffff) == kMappedPrefix;
    }
    // Requires is_v4().
    constexpr Be32 v4() const { return {static_cast<std::uint32_t>(words()[1] >> 32)}; }
    constexpr bool is_none() const { return *this == IpAddress{}; }
    // The address as two words, for hashing.
    constexpr std::array<std::uint64_t, 2> words() const {
        if (std::is_constant_evaluated())
            return std::bit_cast<std::array<std::uint64_t, 2>>(bytes);
        std::uint64_t first;  // one by one: g++ would copy an array of both through the stack
        std::uint64_t second;
        std::memcpy(&first, bytes.data(), sizeof first);
        std::memcpy(&second, bytes.data() + sizeof first, sizeof second);
        return {first, second};
    }
    friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) {
        const auto x = a.words();
        const auto y = b.words();
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }
    // Orders as the bytes do.
    friend constexpr std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
        const auto x = a.words();
        const auto y = b.words();
        if (x[0] != y[0])
            return __builtin_bswap64(x[0]) <=> __builtin_bswap64(y[0]);
        return __builtin_bswap64(x[1]) <=> __builtin_bswap64(y[1]);
    }

  private:
    // Bytes 8 to 11 of an IPv4-mapped address as a little-endian integer.
    static constexpr std::uint64_t kMappedPrefix = 0xffff0000;
};

static_assert(sizeof(Be16) == 2 && sizeof(Be32) == 4 && sizeof(MacAddress) == 6);
static_assert(sizeof(IpAddress) == 16);

}  // namespace vipfwd
