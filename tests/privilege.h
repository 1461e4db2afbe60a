// SPDX-License-Identifier: Apache-2.0
// For tests that need privileges.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace vipfwd::test {

// With CI=true, no test may be skipped for lack of privileges.
inline bool may_skip() {
    const char* ci = std::getenv("CI");
    return ci == nullptr || std::string_view(ci) != "true";
}

}  // namespace vipfwd::test

// First statement of a test or its SetUp(): without root the test is skipped, or fails if CI=true.
#define VIPFWD_REQUIRE_ROOT()                              \
    do {                                                   \
        if (geteuid() != 0 && vipfwd::test::may_skip())    \
            GTEST_SKIP() << "NOT TESTED: this needs root"; \
        if (geteuid() != 0)                                \
            FAIL() << "this needs root";                   \
    } while (false)
