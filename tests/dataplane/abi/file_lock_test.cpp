// SPDX-License-Identifier: Apache-2.0
#include "dataplane/abi/file_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

namespace vipfwd::abi {
namespace {

namespace fs = std::filesystem;

class FileLockTest : public testing::Test {
  protected:
    FileLockTest() {
        char pattern[] = "/tmp/vipfwd-test-XXXXXX";
        directory_ = mkdtemp(pattern);
        path_ = directory_ + "/a.lock";
    }
    ~FileLockTest() override { fs::remove_all(directory_); }

    std::optional<FileLock> take() { return FileLock::try_take(path_).value(); }

    std::string directory_;
    std::string path_;
};

TEST_F(FileLockTest, OneProcessHoldsItAtATime) {
    std::optional<FileLock> first = take();
    ASSERT_TRUE(first);
    EXPECT_FALSE(take());
    first.reset();
    EXPECT_TRUE(take());
}

TEST_F(FileLockTest, OnlyItsUserCanOpenTheFile) {
    const std::optional<FileLock> held = take();
    struct stat there {};
    ASSERT_EQ(stat(path_.c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 07777, 0600u);
}

TEST_F(FileLockTest, TheFileGoesWithTheLock) {
    { const std::optional<FileLock> held = take(); }
    EXPECT_TRUE(fs::is_empty(directory_));
}

TEST_F(FileLockTest, AMovedLockIsHeldByItsNewOwnerOnly) {
    std::optional<FileLock> first = take();
    FileLock second = std::move(*first);
    EXPECT_FALSE(*first);
    first.reset();
    EXPECT_TRUE(second);
    EXPECT_FALSE(take());
    second = FileLock();
    EXPECT_TRUE(take());
}

TEST_F(FileLockTest, AKilledProcessHoldsNothing) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        const auto held = FileLock::try_take(path_);
        (void)!write(ready[1], "x", 1);
        pause();
    }
    char byte;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    EXPECT_FALSE(take());
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_TRUE(fs::exists(path_));
    EXPECT_TRUE(take());
    close(ready[0]);
    close(ready[1]);
}

// A holder whose file somebody removed must not remove that of the next holder.
TEST_F(FileLockTest, AHolderRemovesOnlyItsOwnFile) {
    std::optional<FileLock> first = take();
    fs::remove(path_);
    const std::optional<FileLock> second = take();
    ASSERT_TRUE(second);
    first.reset();
    EXPECT_TRUE(fs::exists(path_));
    EXPECT_FALSE(take());
}

TEST_F(FileLockTest, RacingHoldersAreNeverTwo) {
    std::atomic<int> holders = 0;
    std::atomic<int> taken = 0;
    std::atomic<bool> two = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            while (taken < 2000 && !two) {
                const std::optional<FileLock> held = take();
                if (!held)
                    continue;
                ++taken;
                if (++holders > 1)
                    two = true;
                --holders;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_FALSE(two);
}

TEST_F(FileLockTest, ALinkInItsPlaceIsAnError) {
    const std::string target = directory_ + "/target";
    fs::create_symlink(target, path_);
    EXPECT_FALSE(FileLock::try_take(path_));
    EXPECT_FALSE(fs::exists(target));
}

TEST_F(FileLockTest, AFileOfAnotherUserIsAnError) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to give a file away";
    close(open(path_.c_str(), O_CREAT | O_WRONLY, 0600));
    ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
    const auto lock = FileLock::try_take(path_);
    ASSERT_FALSE(lock);
    EXPECT_NE(lock.error().message.find("is not a file of this user's"), std::string::npos);
}

TEST_F(FileLockTest, AMissingDirectoryIsAnErrorThatNamesIt) {
    const auto lock = FileLock::try_take("/nowhere/a.lock");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().message, "lock /nowhere/a.lock: No such file or directory");
}

}  // namespace
}  // namespace vipfwd::abi
