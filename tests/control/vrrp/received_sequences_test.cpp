// SPDX-License-Identifier: Apache-2.0
#include "control/vrrp/received_sequences.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "dataplane/abi/address_text.h"

namespace vipfwd::vrrp {
namespace {

TEST(ReceivedSequences, TheHighestSequenceIsRemembered) {
    std::array<abi::ReceivedSequence, 4> words{};
    ReceivedSequences heard(words);
    EXPECT_EQ(heard.highest(7), 0u);
    heard.raise(7, 100);
    heard.raise(8, 50);
    heard.raise(7, 90);
    EXPECT_EQ(heard.highest(7), 100u);
    EXPECT_EQ(heard.highest(8), 50u);
    EXPECT_EQ(ReceivedSequences(words).highest(7), 100u)
        << "through another view of the same entries";
}

TEST(ReceivedSequences, ANewSenderReplacesTheOneThatWasSilentForLongest) {
    std::array<abi::ReceivedSequence, 3> words{};
    ReceivedSequences heard(words);
    heard.raise(1, 100);
    heard.raise(2, 90);
    heard.raise(3, 110);
    heard.raise(4, 120);
    EXPECT_EQ(heard.highest(1), 100u);
    EXPECT_EQ(heard.highest(2), 0u);
    EXPECT_EQ(heard.highest(3), 110u);
    EXPECT_EQ(heard.highest(4), 120u);
}

TEST(ReceivedSequences, ThereIsRoomForAllConfigurablePeers) {
    auto leases = std::make_unique<abi::LeaseArea>();
    ReceivedSequences heard(leases->received_sequences);
    for (std::uint64_t sender = 1; sender <= 2 * abi::kMaxAdverts; ++sender)
        heard.raise(sender, 1000 + sender);
    for (std::uint64_t sender = 1; sender <= 2 * abi::kMaxAdverts; ++sender)
        EXPECT_EQ(heard.highest(sender), 1000 + sender);
}

TEST(ReceivedSequences, GroupSourceAndKeyMakeASender) {
    const IpAddress a = *parse_ip("10.0.0.1");
    const IpAddress b = *parse_ip("10.0.0.2");
    const std::set<std::uint64_t> all{
        sender_of("edge", a, abi::HmacKey{{1}}), sender_of("edge", b, abi::HmacKey{{1}}),
        sender_of("core", a, abi::HmacKey{{1}}), sender_of("edge", a, abi::HmacKey{{2}})};
    EXPECT_EQ(all.size(), 4u);
    EXPECT_EQ(sender_of("edge", a, abi::HmacKey{{1}}), sender_of("edge", a, abi::HmacKey{{1}}));
}

}  // namespace
}  // namespace vipfwd::vrrp
