// SPDX-License-Identifier: Apache-2.0
#include "dataplane/bpf/find_object.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vipfwd::bpf {
namespace {

namespace fs = std::filesystem;

class FindObject : public testing::Test {
  protected:
    void SetUp() override {
        unsetenv("VIPFWD_BPF_DIR");
        directory_ = fs::temp_directory_path() / ("vipfwd-find-" + std::to_string(getpid()));
        fs::create_directories(directory_);
    }
    void TearDown() override {
        unsetenv("VIPFWD_BPF_DIR");
        fs::remove_all(directory_);
    }

    void put(const fs::path& path) {
        fs::create_directories(path.parent_path());
        std::ofstream(path) << "object";
    }

    fs::path directory_;
};

TEST_F(FindObject, LooksInTheConfiguredDirectory) {
    put(directory_ / "some.bpf.o");
    setenv("VIPFWD_BPF_DIR", directory_.c_str(), 1);
    const Result<std::string> found = find_object("some.bpf.o");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (directory_ / "some.bpf.o").string());
}

TEST_F(FindObject, LooksNowhereElseIfADirectoryIsConfigured) {
    setenv("VIPFWD_BPF_DIR", directory_.c_str(), 1);
    const Result<std::string> found = find_object("some.bpf.o");
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find(directory_.string() + ":"), std::string::npos);
}

TEST_F(FindObject, NamesTheObjectAndThePlacesItTried) {
    const Result<std::string> found = find_object("nothing.bpf.o");
    ASSERT_FALSE(found);
    const std::string& message = found.error().message;
    const fs::path beside = fs::read_symlink("/proc/self/exe").parent_path() / "bpf";
    EXPECT_NE(message.find("nothing.bpf.o"), std::string::npos);
    EXPECT_NE(message.find("/dataplane/bpf, "), std::string::npos);
    EXPECT_NE(message.find(beside.string() + ", "), std::string::npos);
    EXPECT_NE(message.find("VIPFWD_BPF_DIR"), std::string::npos);
}

}  // namespace
}  // namespace vipfwd::bpf
