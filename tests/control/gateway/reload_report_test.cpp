// SPDX-License-Identifier: Apache-2.0
#include "control/gateway/reload_report.h"

#include <gtest/gtest.h>

namespace vipfwd::gateway {
namespace {

using config::Diagnostic;
using Reasons = std::vector<std::string>;

TEST(ReasonsAgainst, AreTheErrorsOfTheFile) {
    plan::Outcome outcome;
    outcome.diagnostics = {{Diagnostic::Severity::kWarning, {1, 2}, "no seed_file"},
                           {Diagnostic::Severity::kError, {3, 4}, "unknown key 'naem'"}};
    outcome.plan.losses = {"VIP 10.0.0.100 loses its last service, 'web'"};
    EXPECT_EQ(reasons_against(outcome, "a.toml"), Reasons{"a.toml:3:4: error: unknown key 'naem'"});
}

TEST(ReasonsAgainst, AreElseWhatItTakesAway) {
    plan::Outcome outcome;
    outcome.diagnostics = {{Diagnostic::Severity::kWarning, {1, 2}, "no seed_file"}};
    outcome.plan.losses = {"VIP 10.0.0.100 loses its last service, 'web'"};
    EXPECT_EQ(reasons_against(outcome, "a.toml"), outcome.plan.losses);
}

}  // namespace
}  // namespace vipfwd::gateway
