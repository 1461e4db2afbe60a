// SPDX-License-Identifier: Apache-2.0
#include "control/loop/child.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/control/loop/deadline.h"
#include "tests/no_descriptors.h"

namespace vipfwd {
namespace {

constexpr std::int64_t kPatience_ms = 8'000;

class ChildTest : public testing::Test {
  protected:
    ChildTest()
        : child_(loop_, [this](const ChildEnd& end) {
              ends_.push_back(end.failure);
              was_run_ = end.was_run;
              output_ = end.output;
              loop_.stop();
          }) {}

    std::string run(const std::vector<std::string>& words, std::int64_t timeout_ms = kPatience_ms) {
        child_.start(words, timeout_ms, captured_);
        loop_.run();
        EXPECT_FALSE(child_.running());
        return ends_.empty() ? "did not end" : ends_.back();
    }
    static std::vector<std::string> shell(const std::string& script) {
        return {"/bin/sh", "-c", script};
    }

    Loop loop_;
    test::Deadline deadline_{loop_};
    std::vector<std::string> ends_;
    bool was_run_ = false;
    Child::Output captured_ = Child::Output::kDiscard;
    std::string output_;
    Child child_;
};

TEST_F(ChildTest, ReportsHowItEnded) {
    EXPECT_EQ(run({"/bin/true"}), "");
    EXPECT_EQ(run({"/bin/false"}), "exit status 1");
    EXPECT_EQ(run(shell("exit 7")), "exit status 7");
    EXPECT_EQ(run(shell("kill -9 $$")), "killed by signal 9");
    EXPECT_EQ(ends_.size(), 4u) << "once each";
}

TEST_F(ChildTest, CapturesTheBeginningOfTheOutputOnRequest) {
    EXPECT_EQ(run(shell("echo discarded")), "");
    EXPECT_EQ(output_, "");
    captured_ = Child::Output::kCapture;
    EXPECT_EQ(run(shell("echo no space; echo second; exit 3")), "exit status 3");
    EXPECT_EQ(output_, "no space\nsecond\n");
    EXPECT_EQ(run({"/bin/true"}), "");
    EXPECT_EQ(output_, "") << "that of before is forgotten";
    EXPECT_EQ(run(shell("head -c 1000000 /dev/zero")), "") << "it is read, or the program waits";
    EXPECT_EQ(output_, std::string(Child::kMaxOutputBytes, '\0'));
    EXPECT_EQ(run(shell("echo begun; exec sleep 60"), 300), "no answer within 300 ms");
    EXPECT_EQ(output_, "begun\n");
    EXPECT_EQ(run(shell("exec >&-; exit 4")), "exit status 4") << "closed before the end";
    const test::NoDescriptors none;
    EXPECT_EQ(run({"/bin/true"}), "cannot be started: Too many open files");
    EXPECT_FALSE(was_run_);
}

TEST_F(ChildTest, LooksForProgramsWithoutASlashInThePath) {
    EXPECT_EQ(run({"true"}), "");
}

TEST_F(ChildTest, PassesArgumentsUnchanged) {
    EXPECT_EQ(run({"/bin/sh", "-c", "test \"$1\" = 'a  b;$c'", "sh", "a  b;$c"}), "");
}

TEST_F(ChildTest, ReportsWhyItCannotBeStarted) {
    EXPECT_EQ(run({"/nonexistent/check"}), "cannot be started: No such file or directory");
    EXPECT_EQ(run({"/"}), "cannot be started: Permission denied");
    EXPECT_EQ(run({"/bin/true"}), "") << "and the next one can";
}

TEST_F(ChildTest, WithoutDescriptorsItIsNotRunAndSaysSo) {
    {
        const test::NoDescriptors none;
        EXPECT_NE(run({"/bin/true"}).find("Too many open files"), std::string::npos);
        EXPECT_FALSE(was_run_);
    }
    EXPECT_EQ(run({"/bin/true"}), "");
    EXPECT_TRUE(was_run_);
    EXPECT_EQ(run({"/nonexistent/check"}), "cannot be started: No such file or directory");
    EXPECT_TRUE(was_run_) << "that is the program's fault";
}

TEST_F(ChildTest, IsKilledWithItsChildrenWhenTimeIsUp) {
    char name[] = "/tmp/vipfwd-child-XXXXXX";
    close(mkstemp(name));
    EXPECT_EQ(run(shell("sleep 1000 & echo $! >" + std::string(name) + "; wait"), 500),
              "no answer within 500 ms");
    pid_t grandchild = 0;
    std::ifstream(name) >> grandchild;
    std::remove(name);
    ASSERT_GT(grandchild, 0);
    const std::string stat = "/proc/" + std::to_string(grandchild) + "/stat";
    for (int i = 0; i < 1000; ++i) {  // killed at once, but by the kernel, in its own time
        std::string pid;
        std::string program;
        std::string state;
        if (!(std::ifstream(stat) >> pid >> program >> state) || state == "Z")
            return;
        usleep(10'000);
    }
    ADD_FAILURE() << "it lives";
}

TEST_F(ChildTest, DoesNotInheritSignalSettingsAndDescriptors) {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    EXPECT_EQ(run(shell("kill -USR1 $$; exit 0")), "killed by signal 10");
    sigprocmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(run(shell("test \"$(readlink /proc/$$/fd/0)\" = /dev/null")), "");
}

TEST_F(ChildTest, IsKilledWithItsOwner) {
    pid_t seen = 0;
    {
        Child other(loop_, [](const ChildEnd&) { ADD_FAILURE() << "nobody waits for it"; });
        other.start({"/bin/sleep", "1000"}, kPatience_ms);
        EXPECT_TRUE(other.running());
        seen = other.pid();
        EXPECT_EQ(kill(seen, 0), 0);
    }
    EXPECT_NE(kill(seen, 0), 0) << "and not left a zombie";
}

}  // namespace
}  // namespace vipfwd
