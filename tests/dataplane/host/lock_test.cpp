// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/lock.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace vipfwd::host {
namespace {

namespace fs = std::filesystem;

class LockTest : public testing::Test {
  protected:
    LockTest() {
        char pattern[] = "/tmp/vipfwd-test-XXXXXX";
        directory_ = mkdtemp(pattern);
        setenv("VIPFWD_LOCK_DIR", (directory_ + "/locks").c_str(), 1);
    }
    ~LockTest() override {
        unsetenv("VIPFWD_LOCK_DIR");
        fs::remove_all(directory_);
    }

    std::string fault() {
        const auto lock = take_lock(directory_, "a.lock", 0700);
        return lock ? "" : lock.error().message;
    }

    std::string directory_;
};

TEST_F(LockTest, AnInterfaceIsOneDataplanes) {
    const auto first = lock_interface("lo");
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(first->has_value());
    const auto second = lock_interface("lo");
    ASSERT_TRUE(second);
    EXPECT_FALSE(second->has_value());
}

TEST_F(LockTest, SoIsARunDirectoryWhichIsCreated) {
    const std::string run_directory = directory_ + "/run";
    const auto first = lock_run_directory(run_directory);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(first->has_value());
    EXPECT_FALSE(lock_run_directory(run_directory)->has_value());
    EXPECT_TRUE(lock_run_directory(directory_ + "/other")->has_value());
}

TEST_F(LockTest, ADirectoryOfLocksIsCreatedForItsUserOnly) {
    ASSERT_TRUE(lock_interface("lo"));
    struct stat there {};
    ASSERT_EQ(stat((directory_ + "/locks").c_str(), &there), 0);
    EXPECT_EQ(there.st_mode & 07777, 0700u);
}

TEST_F(LockTest, ADirectoryThatOthersCanWriteToIsAnError) {
    for (const mode_t mode : {0777u, 01777u, 0770u}) {
        ASSERT_EQ(chmod(directory_.c_str(), mode), 0);
        EXPECT_NE(fault().find("is writable by other users"), std::string::npos) << mode;
    }
    ASSERT_EQ(chmod(directory_.c_str(), 0755), 0);
    EXPECT_EQ(fault(), "");
}

TEST_F(LockTest, SoIsADirectoryOfAnotherUser) {
    if (geteuid() != 0)
        GTEST_SKIP() << "needs root, to give a directory away";
    ASSERT_EQ(chown(directory_.c_str(), 65534, 65534), 0);
    EXPECT_NE(fault().find("belongs to another user"), std::string::npos);
}

TEST_F(LockTest, AMissingInterfaceIsAnErrorThatNamesIt) {
    const auto lock = lock_interface("none0");
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().message, "interface none0: No such device");
}

// Anybody can bind any name there.
TEST_F(LockTest, NoAbstractSocketIsPartOfIt) {
    const abi::Fd squatter(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "vipfwd-port-lo";
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    ASSERT_EQ(bind(squatter.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_TRUE(lock_interface("lo")->has_value());
}

TEST_F(LockTest, TheDirectoryIsThatOfTheUserIfNoneIsChosen) {
    unsetenv("VIPFWD_LOCK_DIR");
    if (geteuid() == 0) {
        EXPECT_EQ(*lock_directory(), "/run/vipfwd-locks");
        return;
    }
    setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
    EXPECT_EQ(*lock_directory(), "/run/user/1/vipfwd-locks");
    unsetenv("XDG_RUNTIME_DIR");
    EXPECT_NE(lock_directory().error().message.find("VIPFWD_LOCK_DIR"), std::string::npos);
}

}  // namespace
}  // namespace vipfwd::host
