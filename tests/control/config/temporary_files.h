// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace vipfwd::config::testing {

// A directory of its own for each test.
class TemporaryFiles : public ::testing::Test {
  protected:
    TemporaryFiles() {
        std::string path = (std::filesystem::temp_directory_path() / "config_test.XXXXXX").string();
        directory_ = ::mkdtemp(path.data()) == nullptr ? "" : path;
    }
    ~TemporaryFiles() override { std::filesystem::remove_all(directory_); }

    std::string path_of(const std::string& name) const { return (directory_ / name).string(); }

    std::string write(const std::string& name, std::string_view content,
                      std::filesystem::perms permissions = std::filesystem::perms::owner_read) {
        std::ofstream(path_of(name), std::ios::binary) << content;
        std::filesystem::permissions(path_of(name), permissions);
        return path_of(name);
    }

    std::filesystem::path directory_;
};

}  // namespace vipfwd::config::testing
