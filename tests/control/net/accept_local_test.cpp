// SPDX-License-Identifier: Apache-2.0
#include "control/net/accept_local.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vipfwd::net {
namespace {

class AcceptLocalTest : public testing::Test {
  protected:
    AcceptLocalTest() : directory_(testing::TempDir() + "accept_local_test") {}
    ~AcceptLocalTest() override { std::filesystem::remove_all(directory_); }

    void write(const std::string& interface, const std::string& value) const {
        std::filesystem::create_directories(directory_ + "/" + interface);
        std::ofstream(directory_ + "/" + interface + "/accept_local") << value << "\n";
    }
    std::string value(const std::string& interface) const {
        std::string line;
        std::ifstream file(directory_ + "/" + interface + "/accept_local");
        std::getline(file, line);
        return line;
    }

    std::string directory_;
};

TEST_F(AcceptLocalTest, IsSetAndRestoredWhereItWasNot) {
    write("up0", "0");
    write("up1", "1");
    AcceptLocal accept(directory_);
    ASSERT_TRUE(accept.set({"up0", "up1", "gone0", ""}));
    EXPECT_EQ(value("up0"), "1");
    accept.restore();
    EXPECT_EQ(value("up0"), "0");
    EXPECT_EQ(value("up1"), "1") << "the operator's choice";
}

TEST_F(AcceptLocalTest, IsSetAgainForAnInterfaceThatCameBack) {
    write("up0", "0");
    AcceptLocal accept(directory_);
    ASSERT_TRUE(accept.set({"up0"}));
    write("up0", "0");
    ASSERT_TRUE(accept.set({"up0"}));
    EXPECT_EQ(value("up0"), "1");
}

}  // namespace
}  // namespace vipfwd::net
