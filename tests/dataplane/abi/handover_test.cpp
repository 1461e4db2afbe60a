// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/handover.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/abi/region.h"

namespace vipfwd::abi {
namespace {

class HandoverTest : public ::testing::Test {
  protected:
    HandoverTest() {
        int ends[2];
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
        here_ = Fd(ends[0]);
        there_ = Fd(ends[1]);
    }

    Fd here_;
    Fd there_;
};

TEST_F(HandoverTest, AMessageArrivesWithItsFd) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const Fd read_end(pipe_ends[0]);
    Fd write_end(pipe_ends[1]);
    Message message{.kind = MessageKind::kRejected, .generation = 7};
    std::string("because").copy(message.text, sizeof message.text);
    ASSERT_TRUE(send_message(here_.get(), message, write_end.get()));

    const Result<Received> received = receive_message(there_.get());
    ASSERT_TRUE(received) << received.error().message;
    ASSERT_EQ(received->outcome, Received::Outcome::kMessage);
    EXPECT_EQ(received->message.kind, MessageKind::kRejected);
    EXPECT_EQ(received->message.generation, 7u);
    EXPECT_EQ(received->message.pid, static_cast<std::uint32_t>(getpid()));
    EXPECT_STREQ(received->message.text, "because");
    EXPECT_EQ(write(received->fd.get(), "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(read(read_end.get(), &byte, 1), 1);
}

TEST_F(HandoverTest, NoMessageYetIsNotAnError) {
    const Result<Received> received = receive_message(there_.get());
    ASSERT_TRUE(received);
    EXPECT_EQ(received->outcome, Received::Outcome::kNothingYet);
}

TEST_F(HandoverTest, ADeadPeerIsNoticed) {
    here_ = Fd();
    const Result<Received> received = receive_message(there_.get());
    ASSERT_TRUE(received);
    EXPECT_EQ(received->outcome, Received::Outcome::kClosed);
    EXPECT_FALSE(send_message(there_.get(), Message{}));
}

TEST_F(HandoverTest, AnotherProtocolIsAnError) {
    ASSERT_EQ(send(here_.get(), "GET / HTTP/1.0\r\n\r\n", 18, 0), 18);
    EXPECT_FALSE(receive_message(there_.get()));
    ASSERT_EQ(send(here_.get(), "x", 1, 0), 1);
    EXPECT_FALSE(receive_message(there_.get()));
}

TEST_F(HandoverTest, AnotherAbiVersionIsAnErrorThatNamesIt) {
    Message message;
    message.abi_version = kAbiVersion + 1;
    ASSERT_EQ(send(here_.get(), &message, 100, 0), 100);
    const Result<Received> received = receive_message(there_.get());
    ASSERT_FALSE(received);
    EXPECT_NE(received.error().message.find("ABI version " + std::to_string(kAbiVersion + 1)),
              std::string::npos);
}

TEST_F(HandoverTest, AMessageOfAnUnknownKindIsAnError) {
    for (const std::uint32_t kind : {0u, static_cast<std::uint32_t>(MessageKind::kLast) + 1}) {
        ASSERT_TRUE(send_message(here_.get(), {.kind = static_cast<MessageKind>(kind)}));
        const Result<Received> received = receive_message(there_.get());
        ASSERT_FALSE(received);
        EXPECT_NE(received.error().message.find("unknown kind"), std::string::npos);
    }
    ASSERT_TRUE(send_message(here_.get(), {.kind = MessageKind::kLast}));
    EXPECT_TRUE(receive_message(there_.get()));
}

TEST_F(HandoverTest, SendingToAFullQueueFailsAndDoesNotBlock) {
    Result<void> sent;
    for (int i = 0; i < 100'000 && sent; ++i)
        sent = send_message(here_.get(), Message{});
    EXPECT_FALSE(sent);
}

TEST(TrustedUser, IsRootOrTheOneOfThisProcess) {
    EXPECT_TRUE(is_trusted_user(0));
    EXPECT_TRUE(is_trusted_user(geteuid()));
    EXPECT_FALSE(is_trusted_user(geteuid() + 1));
}

}  // namespace
}  // namespace vipfwd::abi
