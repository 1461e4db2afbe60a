// SPDX-License-Identifier: Apache-2.0
#include "control/group/peer_message.h"

#include <gtest/gtest.h>

#include "dataplane/abi/advert_auth.h"

namespace vipfwd::group {
namespace {

const PeerMessage kSample{.group_id = 51,
                          .digest = {.key = 0x01020304, .services = 0x05060708, .backends = 9},
                          .version = "0.1.0",
                          .session = 0x1112131415161718};

TEST(PeerMessage, HasItsFormOnTheWire) {
    const std::vector<std::uint8_t> bytes = encode(kSample);
    const std::vector<std::uint8_t> wanted = {'v', 'f', 'p', '1', 1,   51,  0,  0, 1,
                                              2,   3,   4,   5,   6,   7,   8,  0, 0,
                                              0,   9,   '0', '.', '1', '.', '0'};
    ASSERT_EQ(bytes.size(), kPeerMessageBytes);
    EXPECT_EQ(std::vector(bytes.begin(), bytes.begin() + 25), wanted);
    EXPECT_EQ(std::vector(bytes.begin() + 25, bytes.begin() + 40), std::vector<std::uint8_t>(15));
    const std::vector<std::uint8_t> session = {0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18};
    EXPECT_EQ(std::vector(bytes.begin() + 40, bytes.end()), session);
}

TEST(PeerMessage, IsDecodedAsItWasEncoded) {
    EXPECT_EQ(decode_peer_message(encode(kSample)), kSample);
    PeerMessage longest = kSample;
    longest.version = "12345678901234567890";
    EXPECT_EQ(decode_peer_message(encode(longest)), longest);
    PeerMessage longer = longest;
    longer.version += "1";
    EXPECT_EQ(decode_peer_message(encode(longer)), longest);
}

TEST(PeerMessage, MayBeLongerInLaterVersions) {
    std::vector<std::uint8_t> bytes = encode(kSample);
    bytes.resize(bytes.size() + 100, 0xff);
    EXPECT_EQ(decode_peer_message(bytes), kSample);
}

TEST(PeerMessage, OfAnotherKindIsIgnored) {
    for (const std::size_t at : {0u, 3u, 4u}) {
        std::vector<std::uint8_t> bytes = encode(kSample);
        bytes[at] ^= 1;
        EXPECT_FALSE(decode_peer_message(bytes)) << at;
    }
    const std::vector<std::uint8_t> bytes = encode(kSample);
    for (std::size_t length = 0; length < 40; ++length)
        EXPECT_FALSE(decode_peer_message(std::span(bytes).first(length))) << length;
}

TEST(PeerMessage, OfAnEarlierVersionHasNoSession) {
    PeerMessage earlier = kSample;
    earlier.session = 0;
    const std::vector<std::uint8_t> bytes = encode(kSample);
    EXPECT_EQ(decode_peer_message(std::span(bytes).first(40)), earlier);
}

TEST(PeerMessage, TakesOnlyPrintableVersions) {
    std::vector<std::uint8_t> bytes = encode(kSample);
    bytes[22] = 0x1b;
    EXPECT_EQ(decode_peer_message(bytes)->version, "0.");
}

TEST(PeerMessage, MayEndInATrailer) {
    std::vector<std::uint8_t> bytes = encode(kSample);
    EXPECT_FALSE(has_trailer(bytes));
    bytes.insert(bytes.end(), abi::kAuthMagic.begin(), abi::kAuthMagic.end());
    EXPECT_FALSE(has_trailer(bytes));
    EXPECT_EQ(without_trailer(bytes).size(), bytes.size());
    bytes.resize(kPeerMessageBytes + abi::kAuthTrailerBytes);
    EXPECT_TRUE(has_trailer(bytes));
    EXPECT_EQ(without_trailer(bytes).size(), kPeerMessageBytes);
}

}  // namespace
}  // namespace vipfwd::group
