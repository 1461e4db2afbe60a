// SPDX-License-Identifier: Apache-2.0
#include "control/health/echo_sockets.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dataplane/abi/address_text.h"
#include "tests/control/loop/deadline.h"
#include "tests/no_descriptors.h"
#include "tests/privilege.h"

namespace vipfwd::health {
namespace {

class EchoSocketsTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { VIPFWD_REQUIRE_ROOT(); }

    EchoSockets::Id open(const IpAddress& from) {
        const auto number = replies_.size();
        replies_.emplace_back();
        return sockets_.open(
            from, [this, number](std::uint32_t bytes) { replies_[number].push_back(bytes); });
    }
    bool wait_for_replies(std::size_t number, std::size_t count) {
        return test::run_until(loop_, [&] { return replies_[number].size() >= count; });
    }

    Loop loop_;
    test::Deadline deadline_{loop_};
    EchoSockets sockets_{loop_};
    std::vector<std::vector<std::uint32_t>> replies_;  // sizes, by number of open()
    const IpAddress host_ = parse_ip(GetParam()).value();
};

TEST_P(EchoSocketsTest, AReplyHasTheSizeOfTheRequest) {
    const EchoSockets::Id id = open(host_);
    for (const std::uint32_t bytes : {128u, 1501u, 9000u}) {
        replies_[0].clear();
        ASSERT_EQ(sockets_.send(id, {.to = host_}, bytes), 0);
        ASSERT_TRUE(wait_for_replies(0, 1));
        EXPECT_EQ(replies_[0].front(), bytes);
    }
}

TEST_P(EchoSocketsTest, EachGetsItsOwnReplies) {
    const EchoSockets::Id first = open(host_);
    const EchoSockets::Id second = open(host_);
    ASSERT_EQ(sockets_.send(second, {.to = host_}, 200), 0);
    ASSERT_TRUE(wait_for_replies(1, 1));
    ASSERT_EQ(sockets_.send(first, {.to = host_}, 300), 0);
    ASSERT_TRUE(wait_for_replies(0, 1));
    EXPECT_EQ(replies_[0], std::vector<std::uint32_t>{300});
    EXPECT_EQ(replies_[1], std::vector<std::uint32_t>{200});
}

TEST_P(EchoSocketsTest, RepliesOfOthersAreIgnored) {
    const EchoSockets::Id elsewhere = open(parse_ip("192.0.2.1").value());
    const EchoSockets::Id closed = open(host_);
    const EchoSockets::Id here = open(host_);
    sockets_.close(closed);
    for (const EchoSockets::Id id : {elsewhere, closed, here})
        ASSERT_EQ(sockets_.send(id, {.to = host_}, 200), 0);
    ASSERT_TRUE(wait_for_replies(2, 1));
    EXPECT_TRUE(replies_[0].empty()) << "from another address";
    EXPECT_TRUE(replies_[1].empty());
}

TEST_P(EchoSocketsTest, WithoutDescriptorsNothingIsSent) {
    const EchoSockets::Id id = open(host_);
    {
        const test::NoDescriptors none;
        EXPECT_EQ(sockets_.send(id, {.to = host_}, 200), EMFILE);
    }
    EXPECT_EQ(sockets_.send(id, {.to = host_}, 200), 0);
    EXPECT_TRUE(wait_for_replies(0, 1));
}

INSTANTIATE_TEST_SUITE_P(Families, EchoSocketsTest, testing::Values("127.0.0.1", "::1"),
                         [](const auto& one) {
                             return one.param == std::string_view("::1") ? "IPv6" : "IPv4";
                         });

}  // namespace
}  // namespace vipfwd::health
