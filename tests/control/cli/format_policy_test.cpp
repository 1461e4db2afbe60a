// SPDX-License-Identifier: Apache-2.0
// What is shown of the policies of pools.
#include <gtest/gtest.h>

#include <string>

#include "control/cli/format.h"

namespace vipfwd::cli {
namespace {

using protocol::Command;

std::string policy_text(Command command, const char* rows) {
    return format(command, Json::parse(rows), {});
}

TEST(FormatPolicy, ServicesWhosePoolsHaveAPolicyInUseShowIt) {
    const std::string text = policy_text(Command::kShowServices, R"([
        {"name": "web", "backends": {"serving": 2, "standby": 0, "total": 2}, "fails_open": true},
        {"name": "db", "backends": {"serving": 1, "standby": 2, "total": 3}, "fails_open": false}])");
    EXPECT_NE(text.find("STANDBY  FAILS OPEN"), std::string::npos);
    EXPECT_NE(text.find("      0  yes "), std::string::npos);
    EXPECT_NE(text.find("      2  no "), std::string::npos);
}

TEST(FormatPolicy, BackendsShowTheirTiersIfThereAreSeveral) {
    const char* const rows = R"([{"pool": "web", "name": "a", "state": "serving", "tier": 1},
                                 {"pool": "web", "name": "b", "state": "standby", "tier": 2}])";
    EXPECT_NE(policy_text(Command::kShowBackends, rows).find("TIER"), std::string::npos);
    EXPECT_EQ(policy_text(Command::kShowBackends, R"([{"pool": "web", "tier": 1}])").find("TIER"),
              std::string::npos);
}

}  // namespace
}  // namespace vipfwd::cli
