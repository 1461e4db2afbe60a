// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/control_link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;
using abi::MessageKind;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// How long the link waits before it connects again: usually, and after an error.
constexpr milliseconds kRetry(100);
constexpr milliseconds kRetryAfterError(1000);
constexpr milliseconds kPatience(5000);

abi::Fd make_region() {
    return abi::Fd(memfd_create("region", MFD_CLOEXEC));
}

ino_t inode_of(int fd) {
    struct stat status {};
    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

// The test is control: it listens and answers.
class ControlLinkTest : public testing::Test {
  protected:
    ControlLinkTest()
        : directory_(fs::path(testing::TempDir()) / ("link" + std::to_string(getpid()))) {
        fs::create_directories(directory_);
        listen();
    }
    ~ControlLinkTest() override { fs::remove_all(directory_); }

    void listen() {
        const std::string path = abi::handover_socket_path(directory_.string());
        fs::remove(path);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        listener_ = abi::Fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        ASSERT_EQ(0, bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
        ASSERT_EQ(0, ::listen(listener_.get(), 1));
    }
    // The connection that the link has made, if any.
    abi::Fd accept() const {
        return abi::Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    }
    // Lets the link connect. Returns its hello.
    abi::Received connect(int region_fd = -1) {
        link_.keep_connected(region_fd);
        peer_ = accept();
        EXPECT_TRUE(peer_);
        return receive();
    }
    abi::Received receive() const {
        Result<abi::Received> received = abi::receive_message(peer_.get());
        return received ? std::move(*received) : abi::Received{};
    }
    void answer(const abi::Fd& region) const {
        ASSERT_TRUE(abi::send_message(peer_.get(), {.kind = MessageKind::kRegion}, region.get()));
    }
    void connect_and_answer() {
        connect();
        answer(region_);
        ASSERT_TRUE(link_.take_region());
    }
    // Calls keep_connected() until it has connected. Returns the time since `start`.
    Clock::duration time_to_connect(Clock::time_point start) {
        while (!link_.connected() && Clock::now() - start < kPatience) {
            link_.keep_connected(-1);
            link_.wait(milliseconds(1));
        }
        EXPECT_TRUE(link_.connected());
        return Clock::now() - start;
    }

    fs::path directory_;
    abi::Fd listener_;
    abi::Fd peer_;
    abi::Fd region_ = make_region();
    static constexpr milliseconds kAnswerWithin{300};
    ControlLink link_{directory_.string(), kAnswerWithin};
};

TEST_F(ControlLinkTest, HelloHasTheRegionOfTheDataplane) {
    const abi::Received hello = connect(region_.get());
    ASSERT_EQ(hello.outcome, abi::Received::Outcome::kMessage);
    EXPECT_EQ(hello.message.kind, MessageKind::kHello);
    EXPECT_EQ(inode_of(hello.fd.get()), inode_of(region_.get()));
    EXPECT_TRUE(link_.connected());
}

TEST_F(ControlLinkTest, WithoutARegionItSaysHelloToo) {
    const abi::Received hello = connect();
    EXPECT_EQ(hello.message.kind, MessageKind::kHello);
    EXPECT_FALSE(hello.fd);
}

TEST_F(ControlLinkTest, TheAnswerIsTheRegionToUse) {
    connect();
    EXPECT_FALSE(link_.take_region());
    answer(region_);
    const std::optional<abi::Fd> taken = link_.take_region();
    ASSERT_TRUE(taken);
    EXPECT_EQ(inode_of(taken->get()), inode_of(region_.get()));
    EXPECT_FALSE(link_.take_region());
}

TEST_F(ControlLinkTest, AnotherDescriptorEndsTheWaitToo) {
    const abi::Fd other(eventfd(1, EFD_CLOEXEC));
    for (const bool connected : {false, true}) {
        if (connected)
            connect_and_answer();
        const auto start = Clock::now();
        link_.wait(kPatience, other.get());
        EXPECT_LT(Clock::now() - start, kPatience / 2);
    }
}

TEST_F(ControlLinkTest, AMessageMayHaveADescriptor) {
    connect_and_answer();
    const abi::Fd sent(eventfd(0, EFD_CLOEXEC));
    link_.send(MessageKind::kReady, 0, {}, sent.get());
    const Result<abi::Received> received = abi::receive_message(peer_.get());
    ASSERT_TRUE(received);
    EXPECT_EQ(received->message.kind, MessageKind::kReady);
    EXPECT_EQ(inode_of(received->fd.get()), inode_of(sent.get()));
}

TEST_F(ControlLinkTest, OtherMessagesOnlyEndTheWait) {
    connect_and_answer();
    ASSERT_TRUE(abi::send_message(peer_.get(), {.kind = MessageKind::kPublished}));
    const auto start = Clock::now();
    link_.wait(kPatience);
    EXPECT_LT(Clock::now() - start, kPatience / 2);
    EXPECT_FALSE(link_.take_region());
    EXPECT_TRUE(link_.connected());
}

TEST_F(ControlLinkTest, NothingIsSentBeforeControlHasAnswered) {
    connect();
    link_.send(MessageKind::kReady);
    EXPECT_EQ(receive().outcome, abi::Received::Outcome::kNothingYet);
    answer(region_);
    ASSERT_TRUE(link_.take_region());
    link_.send(MessageKind::kRejected, 7, std::string(1000, 'x'));
    const abi::Received received = receive();
    EXPECT_EQ(received.message.kind, MessageKind::kRejected);
    EXPECT_EQ(received.message.generation, 7u);
    EXPECT_EQ(std::strlen(received.message.text), sizeof received.message.text - 1);
}

TEST_F(ControlLinkTest, WithoutControlItKeepsTrying) {
    listener_ = abi::Fd();
    const auto start = Clock::now();
    link_.keep_connected(-1);
    EXPECT_FALSE(link_.connected());
    link_.send(MessageKind::kReady);
    EXPECT_FALSE(link_.take_region());
    listen();
    EXPECT_GE(time_to_connect(start), kRetry);
}

TEST_F(ControlLinkTest, WhenControlIsGoneItConnectsToTheNextOne) {
    connect_and_answer();
    peer_ = abi::Fd();
    const auto start = Clock::now();
    EXPECT_FALSE(link_.take_region());
    EXPECT_FALSE(link_.connected());
    const auto passed = time_to_connect(start);
    EXPECT_GE(passed, kRetry);
    EXPECT_LT(passed, kRetryAfterError);
    peer_ = accept();
    EXPECT_EQ(receive().message.kind, MessageKind::kHello);
    answer(region_);
    EXPECT_TRUE(link_.take_region());
}

TEST_F(ControlLinkTest, WhenControlClosesWithoutAnAnswerItWaitsLonger) {
    connect();
    peer_ = abi::Fd();
    const auto start = Clock::now();
    EXPECT_FALSE(link_.take_region());
    EXPECT_FALSE(link_.connected());
    EXPECT_GE(time_to_connect(start), kRetryAfterError);
}

TEST_F(ControlLinkTest, AControlThatDoesNotAnswerIsGivenUp) {
    connect();
    const auto start = Clock::now();
    while (link_.connected() && Clock::now() - start < kPatience) {
        link_.keep_connected(-1);
        link_.wait(milliseconds(1));
    }
    EXPECT_GE(Clock::now() - start, kAnswerWithin - milliseconds(10));
    EXPECT_FALSE(link_.connected());
    time_to_connect(Clock::now());
    peer_ = accept();
    EXPECT_EQ(receive().message.kind, MessageKind::kHello);
    answer(region_);
    EXPECT_TRUE(link_.take_region());
    std::this_thread::sleep_for(kAnswerWithin * 2);
    link_.keep_connected(-1);
    EXPECT_TRUE(link_.connected()) << "one that has answered stays";
}

TEST_F(ControlLinkTest, AListenerOfAnotherUserIsNotControl) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    ASSERT_EQ(chmod(directory_.c_str(), 0777), 0);
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    fs::remove(abi::handover_socket_path(directory_.string()));
    const pid_t child = fork();
    if (child == 0) {
        if (setuid(65534) == 0)
            listen();
        (void)!write(ready[1], "x", 1);
        pause();
    }
    char byte;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    link_.keep_connected(region_.get());
    EXPECT_FALSE(link_.connected());
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
}

TEST_F(ControlLinkTest, AControlOfAnotherReleaseIsDisconnected) {
    connect();
    abi::Message message{.kind = MessageKind::kRegion};
    message.abi_version = 999'999;
    ASSERT_EQ(send(peer_.get(), &message, sizeof message, 0), ssize_t{sizeof message});
    EXPECT_FALSE(link_.take_region());
    EXPECT_FALSE(link_.connected());
}

TEST_F(ControlLinkTest, ADroppedConnectionIsClosedForThePeerToo) {
    connect_and_answer();
    link_.drop("for a reason");
    EXPECT_FALSE(link_.connected());
    EXPECT_EQ(receive().outcome, abi::Received::Outcome::kClosed);
}

// The kernel closes the descriptors of a killed process from the highest to the lowest.
TEST_F(ControlLinkTest, TheSocketsDescriptorIsAboveAllOthers) {
    connect();
    int highest = -1;
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd"))
        highest = std::max(highest, std::stoi(entry.path().filename().string()));
    sockaddr_un peer{};
    socklen_t size = sizeof peer;
    ASSERT_EQ(0, getpeername(highest, reinterpret_cast<sockaddr*>(&peer), &size));
    EXPECT_EQ(std::string(peer.sun_path), abi::handover_socket_path(directory_.string()));
}

TEST(ControlLink, ARunDirectoryWhosePathIsTooLongIsNoConnection) {
    ControlLink link("/tmp/" + std::string(200, 'x'));
    link.keep_connected(-1);
    EXPECT_FALSE(link.connected());
}

}  // namespace
}  // namespace vipfwd::host
