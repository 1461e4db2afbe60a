// SPDX-License-Identifier: Apache-2.0
// The configurations that are delivered: configs/.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "control/config/load.h"

namespace vipfwd::config {
namespace {

const std::string kConfigs = std::string(VIPFWD_SOURCE_DIR) + "/configs/";

std::size_t count_errors(const LoadOutcome& outcome, const std::string& path) {
    std::size_t errors = 0;
    for (const Diagnostic& diagnostic : outcome.diagnostics) {
        if (diagnostic.severity != Diagnostic::Severity::kError)
            continue;
        ADD_FAILURE() << to_string(diagnostic, path);
        ++errors;
    }
    return errors;
}

TEST(Examples, MinimalLoadsWithoutAWord) {
    const LoadOutcome outcome = load(kConfigs + "minimal.toml");
    ASSERT_EQ(count_errors(outcome, "minimal.toml"), 0u);
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_TRUE(outcome.diagnostics.empty());
}

TEST(Examples, TheExampleLoads) {
    const LoadOutcome outcome = load(kConfigs + "example.toml");
    ASSERT_EQ(count_errors(outcome, "example.toml"), 0u);
    ASSERT_TRUE(outcome.config.has_value());
    EXPECT_EQ(outcome.config->pools.size(), 2u);
    EXPECT_EQ(outcome.config->services.size(), 4u);
}

TEST(Examples, TheExampleHasEveryKey) {
    std::ifstream file(kConfigs + "example.toml");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    for (const char* key : {"[gateway]",
                            "name",
                            "seed_file",
                            "gue_port",
                            "[dataplane]",
                            "workers",
                            "lcores",
                            "flows_per_worker",
                            "idle",
                            "hugepages",
                            "flow_timeouts",
                            "opening_s",
                            "established_s",
                            "closing_s",
                            "udp_s",
                            "new_flows_per_s",
                            "[[port]]",
                            "device",
                            "driver",
                            "output",
                            "queues",
                            "mac",
                            "addresses",
                            "mtu",
                            "vlan",
                            "outer_vlan",
                            "tunnel_source",
                            "kernel_interface",
                            "kernel_limit_pps",
                            "[[neighbor]]",
                            "address",
                            "port",
                            "[[group]]",
                            "id",
                            "priority",
                            "version",
                            "advert_interval_ms",
                            "preempt",
                            "preempt_delay_ms",
                            "startup_delay_ms",
                            "announce_interval_s",
                            "checksum_pseudo_header",
                            "peers",
                            "vips",
                            "hold_ms",
                            "auth_key_file",
                            "auth_second_key_file",
                            "auth_required",
                            "kernel_address",
                            "accept",
                            "[[pool]]",
                            "check",
                            "type",
                            "path",
                            "interval_ms",
                            "timeout_ms",
                            "rise",
                            "fall",
                            "backend",
                            "[[pool.backend]]",
                            "weight",
                            "[[service]]",
                            "vip",
                            "protocol",
                            "pool",
                            "forward",
                            "affinity",
                            "pin_flows"}) {
        const std::string wanted = key[0] == '[' ? key : std::string(key) + " = ";
        EXPECT_NE(text.find(wanted), std::string::npos) << key;
    }
}

}  // namespace
}  // namespace vipfwd::config
