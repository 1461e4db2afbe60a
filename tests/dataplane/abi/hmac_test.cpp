// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/hmac.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vipfwd::abi {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string hex(const std::optional<Mac>& mac) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    if (!mac)
        return "none";
    for (const std::uint8_t byte : *mac) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 0xf];
    }
    return text;
}

Bytes bytes(const std::string& text) {
    return {text.begin(), text.end()};
}

Bytes counted(std::uint8_t first, std::uint8_t last) {
    Bytes all;
    for (std::uint32_t byte = first; byte <= last; ++byte)
        all.push_back(static_cast<std::uint8_t>(byte));
    return all;
}

struct Vector {
    Bytes key;
    Bytes data;
    std::string mac;  // in hex, or its first half
};

// RFC 4231 §4, test cases 1 to 7.
const std::vector<Vector> kVectors = {
    {Bytes(20, 0x0b), bytes("Hi There"),
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {bytes("Jefe"), bytes("what do ya want for nothing?"),
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {Bytes(20, 0xaa), Bytes(50, 0xdd),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {counted(1, 25), Bytes(50, 0xcd),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {Bytes(20, 0x0c), bytes("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
    {Bytes(131, 0xaa), bytes("Test Using Larger Than Block-Size Key - Hash Key First"),
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {Bytes(131, 0xaa),
     bytes("This is a test using a larger than block-size key and a larger than block-size data. "
           "The key needs to be hashed before being used by the HMAC algorithm."),
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(Hmac, MatchesTheTestCasesOfTheRfc) {
    Hmac hmac;
    for (const Vector& one : kVectors) {
        const auto key = hmac_key(one.key);
        ASSERT_TRUE(key);
        EXPECT_EQ(hex(hmac.of(*key, {one.data})).substr(0, one.mac.size()), one.mac);
    }
}

TEST(Hmac, IsTheSameForPartsAndIfComputedAgain) {
    Hmac hmac;
    const HmacKey key = *hmac_key(Bytes(20, 0x0b));
    const Bytes first = bytes("Hi ");
    const Bytes second = bytes("There");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(hex(hmac.of(key, {first, {}, second})), kVectors[0].mac);
}

TEST(Hmac, KeysMayAlternate) {
    Hmac hmac;
    for (int i = 0; i < 3; ++i) {
        for (const Vector& one : {kVectors[1], kVectors[2]})
            EXPECT_EQ(hex(hmac.of(*hmac_key(one.key), {one.data})), one.mac);
    }
}

TEST(Hmac, MacsAreEqualOnlyIfAllBitsAre) {
    const Mac mac{1, 2, 3};
    EXPECT_TRUE(same(mac, mac));
    for (std::size_t i = 0; i < mac.size(); ++i) {
        Mac other = mac;
        other[i] ^= 0x80;
        EXPECT_FALSE(same(mac, other));
    }
}

}  // namespace
}  // namespace vipfwd::abi
