// SPDX-License-Identifier: Apache-2.0
#include "control/health/mysql_login.h"

#include <gtest/gtest.h>

#include <string>

namespace vipfwd::health {
namespace {

TEST(MysqlLogin, AnEmptyPasswordNeedsNoProof) {
    EXPECT_EQ(prove_mysql_password("", "0123456789abcdefghij"), "");
}

// Computed by hashlib of Python.
TEST(MysqlLogin, TheProofIsThatOfTheProtocol) {
    EXPECT_EQ(
        prove_mysql_password("secret", "0123456789abcdefghij"),
        std::string(
            "\xf5\xca\xc3\xf3\xb3\xdf\x21\x33\xfe\xb5\x7d\xb6\x82\xc7\x1e\x6e\xd4\x33\xa9\x88",
            20));
}

}  // namespace
}  // namespace vipfwd::health
