// SPDX-License-Identifier: Apache-2.0
#include "control/loop/unix_listener.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/control/loop/deadline.h"
#include "tests/control/loop/unix_sockets.h"
#include "tests/no_descriptors.h"

namespace vipfwd {
namespace {

namespace fs = std::filesystem;

class UnixListenerTest : public testing::Test {
  protected:
    std::unique_ptr<UnixListener> listen(mode_t mode = 0600) {
        auto listener =
            UnixListener::listen(loop_, {.path = path_, .mode = mode},
                                 [this](UnixPeer peer) { peers_.push_back(std::move(peer)); });
        EXPECT_TRUE(listener) << listener.error().message;
        return listener ? std::move(*listener) : nullptr;
    }
    bool run_until(const std::function<bool()>& condition) {
        return test::run_until(loop_, condition);
    }
    // Whether somebody answers at the path now: the kernel completes the connection.
    bool is_reachable() const { return static_cast<bool>(test::connect_to(path_)); }

    test::SocketDirectory directory_;
    std::string path_ = directory_ / "run/a.sock";
    Loop loop_;
    std::vector<UnixPeer> peers_;
};

TEST_F(UnixListenerTest, APeerIsKnownByItsUserAndProcess) {
    const auto listener = listen();
    const abi::Fd client = test::connect_to(path_);
    ASSERT_TRUE(run_until([this] { return !peers_.empty(); }));
    EXPECT_EQ(peers_[0].uid, geteuid());
    EXPECT_EQ(peers_[0].pid, getpid());
    EXPECT_TRUE(peers_[0].is_trusted());
}

TEST_F(UnixListenerTest, AnotherUserIsNotTrusted) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to become another user";
    const auto listener = listen(0666);
    ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
    const pid_t child = fork();
    if (child == 0) {
        const bool connected = setuid(65534) == 0 && test::connect_to(path_);
        _exit(connected ? 0 : 1);
    }
    ASSERT_TRUE(run_until([this] { return !peers_.empty(); }));
    EXPECT_EQ(peers_[0].uid, 65534u);
    EXPECT_FALSE(peers_[0].is_trusted());
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST_F(UnixListenerTest, TheSocketGoesWithTheListener) {
    { const auto listener = listen(); }
    EXPECT_TRUE(fs::is_empty(directory_ / "run"));
}

TEST_F(UnixListenerTest, ARemovedSocketIsMadeAgain) {
    const auto listener = listen();
    fs::remove(path_);
    EXPECT_TRUE(run_until([this] { return is_reachable(); }));
    EXPECT_TRUE(run_until([this] { return !peers_.empty(); }));
}

TEST_F(UnixListenerTest, SoIsItsDirectory) {
    const auto listener = listen();
    fs::remove_all(directory_ / "run");
    EXPECT_TRUE(run_until([this] { return is_reachable(); }));
}

TEST_F(UnixListenerTest, ClientsFromBeforeStayConnected) {
    const auto listener = listen();
    const abi::Fd client = test::connect_to(path_);
    ASSERT_TRUE(run_until([this] { return !peers_.empty(); }));
    fs::remove(path_);
    ASSERT_TRUE(run_until([this] { return is_reachable(); }));
    ASSERT_EQ(write(client.get(), "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(read(peers_[0].socket.get(), &byte, 1), 1);
}

TEST_F(UnixListenerTest, AnotherProcessAtThePathIsLeftAlone) {
    const auto first = listen();
    fs::remove(path_);
    Result<abi::Fd> other = listen_unix({.path = path_});
    ASSERT_TRUE(other);
    bool over = false;
    Timer several_periods(loop_, [&] { over = true; });
    several_periods.fire_after(1200);
    run_until([&] { return over; });
    EXPECT_TRUE(peers_.empty());
    const abi::Fd client = test::connect_to(path_);
    EXPECT_GE(accept(other->get(), nullptr, nullptr), 0) << "the other process is still reached";
    // Once the other one is gone, the first one is reachable again.
    *other = abi::Fd();
    EXPECT_TRUE(run_until([this] {
        (void)test::connect_to(path_);
        return !peers_.empty();
    }));
}

TEST_F(UnixListenerTest, WithoutDescriptorsItWaitsWithoutSpinning) {
    const auto listener = listen();
    const abi::Fd client = test::connect_to(path_);
    {
        const test::NoDescriptors none;
        bool over = false;
        Timer second(loop_, [&] { over = true; });
        second.fire_after(1000);
        rusage before{};
        getrusage(RUSAGE_SELF, &before);
        while (!over) {
            Timer turn(loop_, [&] { loop_.stop(); });
            turn.fire_after(100);
            loop_.run();
        }
        rusage after{};
        getrusage(RUSAGE_SELF, &after);
        const auto used_us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1'000'000 +
                             after.ru_utime.tv_usec - before.ru_utime.tv_usec +
                             (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1'000'000 +
                             after.ru_stime.tv_usec - before.ru_stime.tv_usec;
        EXPECT_LT(used_us, 300'000) << "a loop that spins uses a second of CPU time";
        EXPECT_TRUE(peers_.empty());
    }
    EXPECT_TRUE(run_until([this] { return !peers_.empty(); }));
}

}  // namespace
}  // namespace vipfwd
