// SPDX-License-Identifier: Apache-2.0
#include "control/text/replace_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "control/text/read_file.h"
#include "tests/control/loop/unix_sockets.h"

namespace vipfwd::text {
namespace {

class ReplaceFile : public ::testing::Test {
  protected:
    std::string content() const { return read_file(path_, 1 << 20).value().bytes; }

    test::SocketDirectory directory_;
    std::string path_ = directory_ / "file";
};

TEST_F(ReplaceFile, TheFileHasTheNewContentAndIsPrivate) {
    ASSERT_TRUE(replace_file(path_, "first, and long"));
    ASSERT_TRUE(replace_file(path_, "second"));
    EXPECT_EQ(content(), "second");
    EXPECT_TRUE(read_file(path_, 100).value().is_private);
    EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(ReplaceFile, WhatAnInterruptedOneHasLeftDoesNotMatter) {
    std::ofstream(path_ + ".new") << "half of somethi";
    ASSERT_TRUE(replace_file(path_, "x"));
    EXPECT_EQ(content(), "x");
}

TEST_F(ReplaceFile, IfItCannotBeWrittenTheFileStaysAsItWas) {
    ASSERT_TRUE(replace_file(path_, "before"));
    std::filesystem::create_directory(path_ + ".new");
    const Result<void> done = replace_file(path_, "after");
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("cannot write " + path_ + ".new"), std::string::npos);
    EXPECT_EQ(content(), "before");
}

}  // namespace
}  // namespace vipfwd::text
