// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/advert_auth.h"

#include <gtest/gtest.h>

#include <vector>

#include "dataplane/abi/address_text.h"

namespace vipfwd::abi {
namespace {

const IpAddress kSource = *parse_ip("10.0.0.1");
const IpAddress kDestination = *parse_ip("10.0.0.2");
const HmacKey kKey{{1, 2, 3}};
constexpr std::uint64_t kSequence = 0x0102030405060708;

class AdvertSignerTest : public ::testing::Test {
  protected:
    AdvertSignerTest() {
        EXPECT_TRUE(signer_.sign(payload_, kSource, kDestination, kKey, kSequence));
    }

    std::optional<std::uint64_t> verified() {
        return signer_.verify(payload_, kSource, kDestination, kKey);
    }

    AdvertSigner signer_;
    std::vector<std::uint8_t> payload_ = [] {
        std::vector<std::uint8_t> payload = {0x31, 51, 200, 1, 0, 10, 0xf1, 0xf6, 10, 0, 0, 100};
        payload.resize(payload.size() + kAuthTrailerBytes);
        return payload;
    }();
};

TEST_F(AdvertSignerTest, TheTrailerIsLaidOutAsDescribed) {
    const std::vector<std::uint8_t> in_front = {0x31, 51, 200, 1,   0,   10,  0xf1, 0xf6,
                                                10,   0,  0,   100, 'v', 'f', 'a',  '1',
                                                1,    2,  3,   4,   5,   6,   7,    8};
    EXPECT_TRUE(std::equal(in_front.begin(), in_front.end(), payload_.begin()));
    Mac mac;
    std::copy(payload_.end() - sizeof mac, payload_.end(), mac.begin());
    EXPECT_EQ(mac, *Hmac().of(kKey, {kSource.bytes, kDestination.bytes, in_front}));
}

TEST_F(AdvertSignerTest, ASignedPayloadIsVerified) {
    EXPECT_EQ(verified(), kSequence);
}

TEST_F(AdvertSignerTest, APayloadWithAFlippedBitIsRejected) {
    for (std::size_t bit = 0; bit < 8 * payload_.size(); ++bit) {
        payload_[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        EXPECT_FALSE(verified()) << bit;
        payload_[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    EXPECT_TRUE(verified());
}

TEST_F(AdvertSignerTest, AnotherSourceDestinationOrKeyIsRejected) {
    EXPECT_FALSE(signer_.verify(payload_, kDestination, kSource, kKey));
    EXPECT_FALSE(signer_.verify(payload_, kSource, *parse_ip("10.0.0.3"), kKey));
    EXPECT_FALSE(signer_.verify(payload_, kSource, kDestination, HmacKey{{1, 2, 4}}));
}

TEST(Sequence, IsTheTimeAndAlwaysIncreases) {
    EXPECT_EQ(next_sequence(0, 1000), 1000u);
    EXPECT_EQ(next_sequence(999, 1000), 1000u);
    EXPECT_EQ(next_sequence(1000, 1000), 1001u) << "in the same nanosecond";
    EXPECT_EQ(next_sequence(5000, 1000), 5001u) << "a clock that goes back";
    EXPECT_EQ(next_sequence(5000, -1), 5001u);
    EXPECT_EQ(next_sequence(0, -1), 1u) << "0 means nothing";
}

TEST(Sequence, ContinuesAboveTheLastSequencesOfBothProcesses) {
    SharedWord one;
    SharedWord other;
    EXPECT_EQ(take_next_sequence(one, other, 1000), 1000u);
    EXPECT_EQ(take_next_sequence(other, one, 900), 1001u);
    EXPECT_EQ(take_next_sequence(one, other, 900), 1002u);
    EXPECT_EQ(one.load(), 1002u);
    EXPECT_EQ(other.load(), 1001u);
}

}  // namespace
}  // namespace vipfwd::abi
