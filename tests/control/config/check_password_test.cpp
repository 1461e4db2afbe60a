// SPDX-License-Identifier: Apache-2.0
#include "control/config/check_password.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/control/config/expectation.h"
#include "tests/control/config/temporary_files.h"

namespace vipfwd::config::testing {
namespace {

class CheckPassword : public TemporaryFiles {
  protected:
    LoadOutcome load_with(const std::string& keys) {
        std::filesystem::remove(path_of("gw.toml"));
        return load(write("gw.toml", kPort +
                                         "[[pool]]\nname='db'\ncheck={type='mysql', port=3306, "
                                         "user='vipfwd'" +
                                         keys + "}\n"));
    }
    std::string error_of(const std::string& keys) {
        const LoadOutcome outcome = load_with(keys);
        EXPECT_FALSE(outcome.config.has_value());
        for (const Diagnostic& one : outcome.diagnostics) {
            if (one.severity == Diagnostic::Severity::kError)
                return one.message;
        }
        return "";
    }
};

TEST_F(CheckPassword, IsTheLineOfTheFile) {
    write("password", "s3 cret\n");
    const LoadOutcome outcome = load_with(", password_file='password'");
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_EQ(outcome.config->pools[0].check.password, "s3 cret");
}

TEST_F(CheckPassword, IsEmptyWithoutAFile) {
    const LoadOutcome outcome = load_with("");
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_EQ(outcome.config->pools[0].check.password, "");
}

TEST_F(CheckPassword, MustExistAndBeOneLine) {
    EXPECT_NE(error_of(", password_file='none'").find("No such file"), std::string::npos);
    for (const char* text : {"", "\n", "a\nb\n", "a\r\n"}) {
        std::filesystem::remove(path_of("password"));
        write("password", text);
        EXPECT_EQ(error_of(", password_file='password'"),
                  "password_file '" + path_of("password") + "' should have one line, the password");
    }
}

}  // namespace
}  // namespace vipfwd::config::testing
