// SPDX-License-Identifier: Apache-2.0
#include "control/table/boot_parameters.h"

#include <gtest/gtest.h>

#include "dataplane/abi/validate.h"
#include "tests/control/table/sample.h"

namespace vipfwd::table {
namespace {

TEST(BootParameters, AreValidAndHoldWhatIsConfigured) {
    config::Config config = sample::config();
    config.dataplane.workers = 2;
    config.dataplane.lcores = {2, 3};
    config.ports[0].mac = parse_mac("02:00:00:00:00:01");
    const abi::BootParameters boot = boot_parameters(config);
    EXPECT_TRUE(abi::validate(boot));
    EXPECT_EQ(boot.worker_count, 2u);
    EXPECT_EQ(boot.lcores[1], 3u);
    EXPECT_EQ(boot.lcores[2], abi::kAnyLcore);
    EXPECT_STREQ(boot.ports[0].device, "eth1");
    EXPECT_EQ(boot.ports[0].has_mac, 1);
    EXPECT_STREQ(boot.ports[0].kernel_interface, "");
    EXPECT_EQ(boot.ports[0].kernel_limit_pps, 0u);
}

TEST(BootParameters, NameTheTapThatTheDataplaneMakes) {
    config::Config config = sample::config();
    config.ports[0].kernel_interface = "a23456789012345";
    config.ports[0].kernel_limit_pps = 7;
    const abi::BootParameters boot = boot_parameters(config);
    EXPECT_TRUE(abi::validate(boot));
    EXPECT_STREQ(boot.ports[0].kernel_interface, "a23456789012345");
    EXPECT_EQ(boot.ports[0].kernel_limit_pps, 7u);
}

}  // namespace
}  // namespace vipfwd::table
