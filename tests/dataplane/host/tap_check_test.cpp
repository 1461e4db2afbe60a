// SPDX-License-Identifier: Apache-2.0
// Tests that need no privileges; tests/e2e/lab makes taps.
#include "dataplane/host/tap_check.h"

#include <gtest/gtest.h>

namespace vipfwd::host {
namespace {

std::string fault(const std::string& name, const char* tun = "/dev/null") {
    const PortPlan plan{.name = "uplink", .kernel_interface = name};
    const Result<void> outcome = check_tap(plan, tun);
    return outcome ? "" : outcome.error().message;
}

TEST(TapCheck, ANameInUseIsAnError) {
    EXPECT_EQ(fault("lo"),
              "kernel_interface = \"lo\" is in use: there is an interface of that name");
}

TEST(TapCheck, ANameCannotPassArgumentsToTheDriver) {
    for (const char* name : {"k0,persist=1", "k%d", "a b", "a/b", ".", ".."}) {
        EXPECT_NE(fault(name).find("is not a name that an interface can have"), std::string::npos)
            << name;
    }
}

TEST(TapCheck, WithoutTheTunDriverTheErrorSaysWhatToDo) {
    EXPECT_EQ(fault("uplink-k", "/nowhere/tun"),
              "kernel_interface = \"uplink-k\" cannot be made: /nowhere/tun: No such file or "
              "directory; run modprobe tun as root, or set kernel_interface = \"\"");
}

}  // namespace
}  // namespace vipfwd::host
