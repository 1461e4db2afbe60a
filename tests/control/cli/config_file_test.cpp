// SPDX-License-Identifier: Apache-2.0
#include "control/cli/config_file.h"

#include <gtest/gtest.h>

#include "tests/control/config/temporary_files.h"

namespace vipfwd::cli {
namespace {

class ReadConfig : public config::testing::TemporaryFiles {
  protected:
    void expect_error(const std::string& path, const std::string& error) {
        const Result<std::string> text = read_config(path);
        ASSERT_FALSE(text);
        EXPECT_EQ(text.error().message, path + error);
    }
};

TEST_F(ReadConfig, ReturnsTheText) {
    const Result<std::string> text = read_config(write("good.toml", "name = \"\xc3\xa4\"\n"));
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(*text, "name = \"\xc3\xa4\"\n");
}

TEST_F(ReadConfig, AFileThatCannotBeReadIsAnError) {
    expect_error(path_of("none.toml"), ": cannot open: No such file or directory");
    expect_error(path_of("."), ": not a regular file");
}

TEST_F(ReadConfig, AHugeFileIsAnError) {
    const std::string path = write("huge.toml", "", std::filesystem::perms::owner_all);
    std::filesystem::resize_file(path, (64u << 20) + 1);
    expect_error(path, ": larger than 67108864 bytes");
}

TEST_F(ReadConfig, TheFirstByteThatIsNotUtf8IsTold) {
    expect_error(write("latin1.toml", "a = 1\n\nname = \"\xe4\"\n"), ":3:9: not UTF-8");
    expect_error(write("binary.toml", "\xff"), ":1:1: not UTF-8");
}

}  // namespace
}  // namespace vipfwd::cli
