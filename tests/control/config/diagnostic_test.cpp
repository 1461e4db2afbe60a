// SPDX-License-Identifier: Apache-2.0
#include "control/config/diagnostic.h"

#include <gtest/gtest.h>

namespace vipfwd::config {
namespace {

TEST(DiagnosticText, HasTheFormOfACompilerMessage) {
    EXPECT_EQ(to_string({Diagnostic::Severity::kError, {3, 7}, "no"}, "/etc/gw.toml"),
              "/etc/gw.toml:3:7: error: no");
    EXPECT_EQ(to_string({Diagnostic::Severity::kWarning, {3, 7}, "hm"}, "gw.toml"),
              "gw.toml:3:7: warning: hm");
}

TEST(DiagnosticText, HasNoLineIfItConcernsTheWholeFile) {
    EXPECT_EQ(to_string({Diagnostic::Severity::kError, {}, "gone"}, "gw.toml"),
              "gw.toml: error: gone");
}

}  // namespace
}  // namespace vipfwd::config
