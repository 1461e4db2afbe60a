// SPDX-License-Identifier: Apache-2.0
#include "dataplane/packet/extension_headers.h"

#include <gtest/gtest.h>

#include <vector>

namespace vipfwd::packet {
namespace {

using Bytes = std::vector<std::uint8_t>;

// An options header of (units + 1) * 8 bytes.
Bytes options(std::uint8_t next, std::uint8_t units = 0) {
    Bytes header((units + 1u) * 8, 0);
    header[0] = next;
    header[1] = units;
    return header;
}

Bytes fragment(std::uint8_t next, std::uint16_t field) {
    return {next, 0, static_cast<std::uint8_t>(field >> 8), static_cast<std::uint8_t>(field), 1, 2,
            3,    4};
}

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

TEST(ExtensionHeaders, APacketWithoutAnyIsGood) {
    const ExtensionChain chain = walk_extension_headers({}, kIpProtocolTcp);
    EXPECT_TRUE(chain.is_good);
    EXPECT_EQ(chain.protocol, kIpProtocolTcp);
    EXPECT_EQ(chain.offset, 0u);
}

TEST(ExtensionHeaders, AreWalkedToTheirPayload) {
    const Bytes bytes = options(kIpProtocolDestinationOptions) + options(kIpProtocolRouting, 2) +
                        options(kIpProtocolUdp, 1);
    const ExtensionChain chain = walk_extension_headers(bytes, kIpProtocolHopByHop);
    EXPECT_TRUE(chain.is_good);
    EXPECT_EQ(chain.protocol, kIpProtocolUdp);
    EXPECT_EQ(chain.offset, 8u + 24 + 16);
    EXPECT_FALSE(chain.is_fragment);
}

TEST(ExtensionHeaders, ATruncatedChainIsNotGood) {
    const Bytes bytes = options(kIpProtocolFragment, 1) + fragment(kIpProtocolTcp, 0);
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(
            walk_extension_headers(std::span(bytes).first(size), kIpProtocolHopByHop).is_good)
            << size;
    EXPECT_TRUE(walk_extension_headers(bytes, kIpProtocolHopByHop).is_good);
}

TEST(ExtensionHeaders, TheirNumberAndBytesAreLimited) {
    Bytes eight;
    for (std::uint32_t i = 1; i < kMaxExtensionHeaders; ++i)
        eight = eight + options(kIpProtocolDestinationOptions);
    EXPECT_TRUE(
        walk_extension_headers(eight + options(kIpProtocolTcp), kIpProtocolDestinationOptions)
            .is_good);
    EXPECT_FALSE(walk_extension_headers(
                     eight + options(kIpProtocolDestinationOptions) + options(kIpProtocolTcp),
                     kIpProtocolDestinationOptions)
                     .is_good);
    EXPECT_TRUE(walk_extension_headers(options(kIpProtocolTcp, 31), kIpProtocolHopByHop).is_good);
    EXPECT_FALSE(walk_extension_headers(options(kIpProtocolTcp, 32), kIpProtocolHopByHop).is_good);
}

TEST(ExtensionHeaders, ARouteWithSegmentsLeftIsNotGood) {
    Bytes route = options(kIpProtocolTcp);
    EXPECT_TRUE(walk_extension_headers(route, kIpProtocolRouting).is_good);
    route[3] = 1;
    EXPECT_FALSE(walk_extension_headers(route, kIpProtocolRouting).is_good);
}

TEST(ExtensionHeaders, AnAtomicFragmentIsAWholePacket) {
    const ExtensionChain chain =
        walk_extension_headers(fragment(kIpProtocolTcp, 0), kIpProtocolFragment);
    EXPECT_TRUE(chain.is_good);
    EXPECT_FALSE(chain.is_fragment);
    EXPECT_EQ(chain.offset, 8u);
}

TEST(ExtensionHeaders, TheWalkEndsBehindALaterFragmentsHeader) {
    const ExtensionChain first = walk_extension_headers(
        fragment(kIpProtocolDestinationOptions, 1) + options(kIpProtocolUdp), kIpProtocolFragment);
    EXPECT_TRUE(first.is_good && first.is_fragment);
    EXPECT_EQ(first.protocol, kIpProtocolUdp);
    EXPECT_EQ(first.fragment_end, 8u);
    EXPECT_EQ(first.offset, 16u);
    const ExtensionChain later =
        walk_extension_headers(fragment(kIpProtocolDestinationOptions, 8), kIpProtocolFragment);
    EXPECT_TRUE(later.is_good && later.is_fragment);
    EXPECT_EQ(later.protocol, kIpProtocolDestinationOptions);
}

TEST(ExtensionHeaders, TwoFragmentHeadersAreNotGood) {
    EXPECT_FALSE(
        walk_extension_headers(fragment(kIpProtocolFragment, 0) + fragment(kIpProtocolTcp, 0),
                               kIpProtocolFragment)
            .is_good);
}

}  // namespace
}  // namespace vipfwd::packet
