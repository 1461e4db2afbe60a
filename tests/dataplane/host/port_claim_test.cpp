// SPDX-License-Identifier: Apache-2.0
// Tests that need neither privileges nor devices; tests/e2e/lab/test_bad_start.py has the others.
#include "dataplane/host/port_claim.h"

#include <gtest/gtest.h>

namespace vipfwd::host {
namespace {

PortPlan plan_of(abi::Driver driver, const std::string& device) {
    return {.name = "uplink", .device = device, .driver = driver};
}

std::string fault(const PortPlan& plan) {
    const Result<PortClaim> claim = PortClaim::take(plan);
    return claim ? "" : claim.error().message;
}

TEST(PortClaim, AMissingInterfaceIsAnError) {
    for (const auto driver : {abi::Driver::kAfXdp, abi::Driver::kAfPacket}) {
        EXPECT_EQ(fault(plan_of(driver, "none0")),
                  "port 'uplink': no interface 'none0' in this network namespace");
        EXPECT_EQ(fault(plan_of(driver, "longer-than-a-name-can-be")),
                  "port 'uplink': no interface 'longer-than-a-name-can-be' in this network "
                  "namespace");
    }
}

TEST(PortClaim, AnInterfaceNameCannotPassArgumentsToTheDriver) {
    for (const char* name : {"eth0,xdp_prog=/tmp/x", "eth0 ", "a=b", "", "[eth0]"}) {
        EXPECT_NE(fault(plan_of(abi::Driver::kAfXdp, name)).find("is not the name of an interface"),
                  std::string::npos)
            << name;
    }
}

TEST(PortClaim, AMissingPciDeviceIsAnError) {
    EXPECT_EQ(fault(plan_of(abi::Driver::kPci, "0000:ff:1f.7")),
              "port 'uplink': no PCI device '0000:ff:1f.7' on this machine");
    EXPECT_EQ(fault(plan_of(abi::Driver::kPci, "../../etc")),
              "port 'uplink': no PCI device '../../etc' on this machine");
}

TEST(PortClaim, AnErrorAboutACaptureNamesTheFile) {
    EXPECT_EQ(fault(plan_of(abi::Driver::kPcap, "/nowhere/in.pcap")),
              "/nowhere/in.pcap: cannot read: No such file or directory");
}

TEST(PortClaim, ACaptureHasOneQueueAndAnInputOrAnOutput) {
    PortPlan plan = plan_of(abi::Driver::kPcap, "/nowhere/in.pcap");
    plan.queues = 2;
    EXPECT_EQ(fault(plan),
              "port 'uplink': a capture has one queue: set queues = 1 and workers = 1");
    EXPECT_EQ(fault(plan_of(abi::Driver::kPcap, "")),
              "port 'uplink': driver pcap needs a device, an output, or both");
}

TEST(PortClaim, TheDefaultMtuIsThatOfEthernet) {
    PortPlan plan = plan_of(abi::Driver::kPcap, "");
    plan.output = "/dev/null";
    EXPECT_EQ(PortClaim::take(plan)->mtu(), 1500u);
    plan.mtu = 1600;
    EXPECT_EQ(PortClaim::take(plan)->mtu(), 1600u);
}

}  // namespace
}  // namespace vipfwd::host
