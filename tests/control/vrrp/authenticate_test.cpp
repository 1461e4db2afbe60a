// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/authenticate.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "control/vrrp/advert.h"
#include "dataplane/abi/time_units.h"
#include "tests/control/vrrp/sample.h"

namespace vipfwd::vrrp {
namespace {

using sample::advert;
using sample::kLarger;
using sample::kOurs;

constexpr std::int64_t kWall_ns = 1'800'000'000 * kNanosecondsPerS;
constexpr std::int64_t kMinute_ns = 60 * kNanosecondsPerS;
const abi::HmacKey kKey{{1, 2, 3}};

class Authenticate : public ::testing::Test {
  protected:
    // An advert of kLarger for kOurs.
    std::vector<std::uint8_t> signed_advert(std::int64_t sequence, const abi::HmacKey& key = kKey) {
        std::vector<std::uint8_t> payload =
            encode(advert(200), kLarger, kOurs, ChecksumForm::kWithPseudoHeader);
        payload.resize(payload.size() + abi::kAuthTrailerBytes);
        EXPECT_TRUE(
            signer_.sign(payload, kLarger, kOurs, key, static_cast<std::uint64_t>(sequence)));
        return payload;
    }
    // "" for an authentic one.
    std::string judge(std::span<const std::uint8_t> payload, const abi::HmacKey& key = kKey,
                      const IpAddress& source = kLarger) {
        const Authentication judged = authenticate(payload, source, kOurs, "edge", key, signer_,
                                                   ReceivedSequences(words_), wall_ns_);
        ahead_ns_ = judged.ahead_ns;
        return judged.discard ? std::string(name(*judged.discard)) : "";
    }

    abi::AdvertSigner signer_;
    std::array<abi::ReceivedSequence, 8> words_{};
    std::int64_t wall_ns_ = kWall_ns;
    std::int64_t ahead_ns_ = 0;
};

TEST_F(Authenticate, AnAdvertWithTheKeyIsAcceptedOnce) {
    const auto first = signed_advert(kWall_ns);
    EXPECT_TRUE(std::holds_alternative<Advert>(decode(first, kLarger, kOurs, kTtl)));
    EXPECT_EQ(judge(first), "");
    EXPECT_EQ(judge(first), "replayed");
    EXPECT_EQ(judge(signed_advert(kWall_ns + 1)), "");
    EXPECT_EQ(judge(first), "replayed");
}

TEST_F(Authenticate, AnAdvertWithoutATrailerIsUnauthenticated) {
    EXPECT_EQ(judge(encode(advert(200), kLarger, kOurs, ChecksumForm::kWithPseudoHeader)),
              "unauthenticated");
}

TEST_F(Authenticate, AWrongMacIsDiscardedAndItsSequenceIsNotStored) {
    EXPECT_EQ(judge(signed_advert(kWall_ns + 5, abi::HmacKey{{9}})), "bad_mac");
    auto changed = signed_advert(kWall_ns + 5);
    changed[2] = 254;
    EXPECT_EQ(judge(changed), "bad_mac");
    EXPECT_EQ(judge(signed_advert(kWall_ns + 5), kKey, sample::kSmaller), "bad_mac")
        << "another source";
    EXPECT_EQ(judge(signed_advert(kWall_ns)), "");
}

TEST_F(Authenticate, TheFirstAdvertOfASenderMustHaveAboutOurTime) {
    for (const std::int64_t off : {-5 * kMinute_ns - 1, 5 * kMinute_ns + 1, -kWall_ns / 2}) {
        EXPECT_EQ(judge(signed_advert(kWall_ns + off)), "stale") << off;
        EXPECT_EQ(ahead_ns_, off);
    }
    EXPECT_EQ(judge(signed_advert(kWall_ns - 5 * kMinute_ns)), "");
    EXPECT_EQ(judge(signed_advert(kWall_ns + 60 * kMinute_ns)), "")
        << "a known sender may have any time";
}

TEST_F(Authenticate, OurClockMayBeSetOnceASenderIsKnown) {
    EXPECT_EQ(judge(signed_advert(kWall_ns)), "");
    wall_ns_ += 1000 * kMinute_ns;
    EXPECT_EQ(judge(signed_advert(kWall_ns + 1)), "");
}

TEST_F(Authenticate, ExtremeSequencesAreJudgedWithoutOverflow) {
    EXPECT_EQ(judge(signed_advert(-1)), "stale");
    EXPECT_EQ(judge(signed_advert(std::numeric_limits<std::int64_t>::min())), "stale");
    EXPECT_EQ(judge(signed_advert(0)), "replayed") << "sequence 0 is never used";
}

TEST_F(Authenticate, AnotherKeyStartsItsSequencesAnew) {
    EXPECT_EQ(judge(signed_advert(kWall_ns + 60 * kMinute_ns)), "stale");
    EXPECT_EQ(judge(signed_advert(kWall_ns)), "");
    EXPECT_EQ(judge(signed_advert(kWall_ns + 60 * kMinute_ns)), "");
    EXPECT_EQ(judge(signed_advert(kWall_ns)), "replayed") << "its clock was set right";
    const abi::HmacKey other{{4}};
    EXPECT_EQ(judge(signed_advert(kWall_ns, other), other), "");
    EXPECT_EQ(judge(signed_advert(kWall_ns)), "replayed")
        << "the former key's sequences are still known";
}

}  // namespace
}  // namespace vipfwd::vrrp
