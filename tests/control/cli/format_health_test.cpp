// SPDX-License-Identifier: Apache-2.0
// The health of backends, as show backends and show checks print it.
#include <gtest/gtest.h>

#include <string>

#include "control/cli/format.h"

namespace vipfwd::cli {
namespace {

using protocol::Command;

std::string format_wide(Command command, const Json& result) {
    return cli::format(command, result, Layout{});
}

TEST(FormatHealth, BackendsWithChecksHaveIt) {
    const std::string text = format_wide(Command::kShowBackends, Json::parse(R"([
        {"pool": "web", "name": "web1", "state": "down", "health": "down", "health_age_ms": 2500,
         "why": "connection refused"},
        {"pool": "db", "name": "db1", "state": "serving"}])"));
    EXPECT_NE(text.find("HEALTH     SINCE  WHY"), std::string::npos) << text;
    EXPECT_NE(text.find("down    2,500 ms  connection refused"), std::string::npos) << text;
}

TEST(FormatHealth, Checks) {
    EXPECT_EQ(format_wide(Command::kShowChecks, Json::parse("[]")), "no health checks\n");
    const std::string text = format_wide(Command::kShowChecks, Json::parse(R"([
        {"name": "tcp 10.0.0.11:80", "health": "up", "health_age_ms": null, "backends": 2,
         "interval_ms": 1000, "results": {"good": 9, "unreachable": 1, "failed": 2, "none": 3},
         "latency_us": {"last": 250, "p50": 200, "p99": 300},
         "last": {"result": "good", "reason": "", "age_ms": 12}}])"));
    EXPECT_NE(text.find("tcp 10.0.0.11:80  up"), std::string::npos) << text;
    EXPECT_NE(text.find("200"), std::string::npos) << text;
}

}  // namespace
}  // namespace vipfwd::cli
