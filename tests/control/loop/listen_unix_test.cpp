// SPDX-License-Identifier: Apache-2.0
#include "control/loop/listen_unix.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>

#include "tests/control/loop/unix_sockets.h"

namespace vipfwd {
namespace {

std::string fault(const std::string& path, int type = SOCK_STREAM) {
    const Result<abi::Fd> listener = listen_unix({.path = path, .type = type});
    return listener ? "" : listener.error().message;
}

TEST(ListenUnix, ListensWithTheGivenModeAndLeavesNoOtherFile) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
        for (const mode_t mode : {0600u, 0660u}) {
            const Result<abi::Fd> listener =
                listen_unix({.path = path, .type = type, .mode = mode});
            ASSERT_TRUE(listener) << listener.error().message;
            struct stat there {};
            ASSERT_EQ(stat(path.c_str(), &there), 0);
            EXPECT_EQ(there.st_mode & 0777, mode);
            EXPECT_NE(fcntl(listener->get(), F_GETFL) & O_NONBLOCK, 0);
            EXPECT_NE(fcntl(listener->get(), F_GETFD) & FD_CLOEXEC, 0);
            EXPECT_TRUE(test::connect_to(path, type));
            unlink(path.c_str());
            EXPECT_TRUE(directory.empty());
        }
    }
}

TEST(ListenUnix, AStaleSocketOfAnyTypeIsReplaced) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM}) {
        test::leave_stale_socket(path, type);
        EXPECT_EQ(fault(path), "");
        unlink(path.c_str());
    }
}

TEST(ListenUnix, ASocketWithAListenerIsLeftAlone) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET}) {
        const Result<abi::Fd> first = listen_unix({.path = path, .type = type});
        ASSERT_TRUE(first);
        for (const int second : {SOCK_STREAM, SOCK_SEQPACKET}) {
            EXPECT_EQ(fault(path, second), "another vipfwd-control is running in " +
                                               directory.path() + ": " + path + " answers");
        }
        EXPECT_TRUE(test::connect_to(path, type));
        unlink(path.c_str());
    }
}

TEST(ListenUnix, AListenerWithAFullBacklogIsLeftAlone) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    const sockaddr_un address = test::unix_address(path);
    const abi::Fd busy(socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(bind(busy.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(busy.get(), 0), 0);
    const abi::Fd waiting = test::connect_to(path);
    EXPECT_NE(fault(path).find("is running"), std::string::npos);
}

TEST(ListenUnix, AFileThatIsNotASocketIsLeftAlone) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    std::ofstream(path) << "precious";
    EXPECT_EQ(fault(path),
              path + " exists and is not a socket; remove it or choose another run directory");
    std::string content;
    std::ifstream(path) >> content;
    EXPECT_EQ(content, "precious");
    EXPECT_FALSE(std::filesystem::exists(path + ".lock"));
}

TEST(ListenUnix, AnImpossiblePathIsAnErrorThatSaysWhatToDo) {
    const test::SocketDirectory directory;
    EXPECT_NE(fault(directory / std::string(200, 'x')).find("choose a shorter run directory"),
              std::string::npos);
    std::ofstream(directory / "file") << "";
    EXPECT_EQ(fault(directory / "file/a.sock"), "cannot listen in " + directory.path() +
                                                    "/file: lock " + directory.path() +
                                                    "/file/a.sock.lock: Not a directory");
    EXPECT_EQ(fault(directory / "none/none/a.sock"), "cannot create the run directory " +
                                                         directory.path() +
                                                         "/none/none: No such file or directory");
}

TEST(ListenUnix, AMissingDirectoryIsCreated) {
    const test::SocketDirectory directory;
    const Result<abi::Fd> listener = listen_unix({.path = directory / "new/a.sock"});
    ASSERT_TRUE(listener) << listener.error().message;
    EXPECT_TRUE(test::connect_to(directory / "new/a.sock"));
}

TEST(ListenUnix, TheSocketIsOfTheGivenGroup) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to give a file to any group";
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    const Result<abi::Fd> listener = listen_unix({.path = path, .mode = 0660, .group = 65534});
    ASSERT_TRUE(listener) << listener.error().message;
    struct stat there {};
    ASSERT_EQ(stat(path.c_str(), &there), 0);
    EXPECT_EQ(there.st_gid, 65534u);
    EXPECT_EQ(there.st_uid, geteuid());
    EXPECT_EQ(there.st_mode & 0777, 0660u);
}

TEST(ListenUnix, OneOfTwoConcurrentStartersGivesUp) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    const abi::Fd other(open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(flock(other.get(), LOCK_EX), 0);
    EXPECT_EQ(fault(path), "another vipfwd-control is starting in " + directory.path());
    EXPECT_TRUE(std::filesystem::exists(path + ".lock"))
        << "the lock file belongs to the other process";
}

TEST(ListenUnix, TheLockFileOfAKilledProcessIsNoObstacle) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    std::ofstream(path + ".lock") << "";
    EXPECT_EQ(fault(path), "");
    EXPECT_FALSE(std::filesystem::exists(path + ".lock"));
}

// Tries to listen, writes whether it could to `outcome`, and keeps listening until `hold` is
// closed.
[[noreturn]] void run_starter(const std::string& path, int outcome, int hold) {
    const Result<abi::Fd> listener = listen_unix({.path = path});
    char byte = listener ? 1 : 0;
    const bool reported = write(outcome, &byte, 1) == 1;
    _exit(reported && read(hold, &byte, 1) == 0 ? 0 : 1);
}

TEST(ListenUnix, ExactlyOneOfManyConcurrentStartersListens) {
    const test::SocketDirectory directory;
    const std::string path = directory / "a.sock";
    constexpr int kStarters = 4;
    for (int round = 0; round < 20; ++round) {
        test::leave_stale_socket(path, SOCK_STREAM);
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
}  // namespace vipfwd
