// SPDX-License-Identifier: Apache-2.0
#include "control/api/listen.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "tests/control/api/directory.h"

namespace vipfwd::api {
namespace {

std::string fault(const std::string& path, int type = SOCK_STREAM) {
    const Result<abi::Fd> listener = listen_unix(path, type, 0600);
    return listener ? "" : listener.error().message;
}

TEST(ListenUnix, ListensWithTheModeAskedForAndLeavesNothingElse) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
        for (const mode_t mode : {0600u, 0660u}) {
            const Result<abi::Fd> listener = listen_unix(path, type, mode);
            ASSERT_TRUE(listener) << listener.error().message;
            struct stat there {};
            ASSERT_EQ(stat(path.c_str(), &there), 0);
            EXPECT_EQ(there.st_mode & 0777, mode);
            EXPECT_NE(fcntl(listener->get(), F_GETFL) & O_NONBLOCK, 0);
            EXPECT_NE(fcntl(listener->get(), F_GETFD) & FD_CLOEXEC, 0);
            EXPECT_TRUE(connect_to(path, type));
            unlink(path.c_str());
            EXPECT_TRUE(directory.empty());
        }
    }
}

TEST(ListenUnix, AStaleSocketIsReplacedWhateverItsType) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM}) {
        leave_stale_socket(path, type);
        EXPECT_EQ(fault(path), "");
        unlink(path.c_str());
    }
}

TEST(ListenUnix, ASocketThatAnswersIsLeftAlone) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
        const Result<abi::Fd> first = listen_unix(path, type, 0600);
        ASSERT_TRUE(first);
        for (const int second : {SOCK_STREAM, SOCK_SEQPACKET}) {
            EXPECT_EQ(fault(path, second), "another vipfwd-control is running in " +
                                               directory.path() + ": " + path + " answers");
        }
        EXPECT_TRUE(connect_to(path, type));
        unlink(path.c_str());
    }
}

TEST(ListenUnix, ASocketWhoseQueueIsFullIsLeftAloneToo) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    const sockaddr_un address = unix_address(path);
    const abi::Fd busy(socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(bind(busy.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(busy.get(), 0), 0);
    const abi::Fd waiting = connect_to(path);
    EXPECT_NE(fault(path).find("is running"), std::string::npos);
}

TEST(ListenUnix, WhatIsNoSocketIsLeftAlone) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    std::ofstream(path) << "precious";
    EXPECT_EQ(fault(path),
              path + " is in the way and no socket; remove it or choose another run directory");
    std::string content;
    std::ifstream(path) >> content;
    EXPECT_EQ(content, "precious");
    EXPECT_FALSE(std::filesystem::exists(path + ".lock"));
}

TEST(ListenUnix, APathThatCannotBeSaysWhatToDo) {
    const Directory directory;
    EXPECT_NE(fault(directory / std::string(200, 'x')).find("choose a shorter run directory"),
              std::string::npos);
    EXPECT_EQ(fault(directory / "none/a.sock"),
              "cannot listen in " + directory.path() + "/none: No such file or directory");
}

TEST(ListenUnix, OfTwoThatStartAtOnceOneGivesUp) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    const abi::Fd other(open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(flock(other.get(), LOCK_EX), 0);
    EXPECT_EQ(fault(path), "another vipfwd-control is starting in " + directory.path());
    EXPECT_TRUE(std::filesystem::exists(path + ".lock")) << "it is the other's";
}

TEST(ListenUnix, ALockThatAKilledOneHasLeftIsNoObstacle) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    std::ofstream(path + ".lock") << "";
    EXPECT_EQ(fault(path), "");
    EXPECT_FALSE(std::filesystem::exists(path + ".lock"));
}

// Tries to listen, says how that went, and keeps listening until `hold` is closed.
[[noreturn]] void run_starter(const std::string& path, int outcome, int hold) {
    const Result<abi::Fd> listener = listen_unix(path, SOCK_STREAM, 0600);
    char byte = listener ? 1 : 0;
    const bool said = write(outcome, &byte, 1) == 1;
    _exit(said && read(hold, &byte, 1) == 0 ? 0 : 1);
}

TEST(ListenUnix, HoweverManyStartAtOnceOneListens) {
    const Directory directory;
    const std::string path = directory / "a.sock";
    constexpr int kStarters = 4;
    for (int round = 0; round < 20; ++round) {
        leave_stale_socket(path, SOCK_STREAM);
        int hold[2];
        int outcomes[2];
        ASSERT_EQ(pipe(hold), 0);
        ASSERT_EQ(pipe(outcomes), 0);
        for (int i = 0; i < kStarters; ++i) {
            if (fork() == 0) {
                close(hold[1]);
                run_starter(path, outcomes[1], hold[0]);
            }
        }
        int listening = 0;
        for (int i = 0; i < kStarters; ++i) {
            char outcome = 0;
            ASSERT_EQ(read(outcomes[0], &outcome, 1), 1);
            listening += outcome;
        }
        EXPECT_EQ(listening, 1);
        for (const int fd : {hold[0], hold[1], outcomes[0], outcomes[1]})
            close(fd);
        for (int i = 0; i < kStarters; ++i)
            wait(nullptr);
        unlink(path.c_str());
    }
}

}  // namespace
}  // namespace vipfwd::api
