// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/boot_plan.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "dataplane/abi/validate.h"

namespace vipfwd::host {
namespace {

abi::BootParameters sound_boot() {
    abi::BootParameters boot{};
    std::strcpy(boot.gateway, "gw1");
    boot.worker_count = 2;
    boot.port_count = 1;
    boot.flows_per_worker = 4096;
    boot.idle = static_cast<std::uint32_t>(abi::Idle::kSleep);
    boot.lcores[0] = 3;
    boot.lcores[1] = abi::kAnyLcore;
    abi::PortBoot& port = boot.ports[0];
    std::strcpy(port.name, "uplink");
    std::strcpy(port.device, "eth1");
    port.driver = static_cast<std::uint32_t>(abi::Driver::kAfXdp);
    port.queues = 2;
    port.mtu = 1600;
    std::strcpy(port.kernel_interface, "uplink-k");
    port.kernel_limit_pps = 20'000;
    boot.checksum = abi::checksum_of(boot);
    return boot;
}

TEST(BootPlan, ReadsAllParameters) {
    abi::BootParameters boot = sound_boot();
    boot.ports[0].has_mac = 1;
    boot.ports[0].mac = {{2, 0, 0, 0, 0, 1}};
    const BootPlan plan = read_boot(boot);
    EXPECT_EQ(plan.gateway, "gw1");
    EXPECT_EQ(plan.worker_count(), 2u);
    EXPECT_EQ(plan.lcores, (std::vector<std::uint32_t>{3, abi::kAnyLcore}));
    EXPECT_EQ(plan.flows_per_worker, 4096u);
    EXPECT_EQ(plan.idle, abi::Idle::kSleep);
    EXPECT_EQ(plan.memory, abi::Memory::kHugepages);
    ASSERT_EQ(plan.ports.size(), 1u);
    EXPECT_EQ(plan.ports[0].name, "uplink");
    EXPECT_EQ(plan.ports[0].device, "eth1");
    EXPECT_EQ(plan.ports[0].driver, abi::Driver::kAfXdp);
    EXPECT_EQ(plan.ports[0].queues, 2u);
    EXPECT_EQ(plan.ports[0].mtu, 1600u);
    EXPECT_EQ(plan.ports[0].mac, (MacAddress{{2, 0, 0, 0, 0, 1}}));
    EXPECT_EQ(plan.ports[0].kernel_interface, "uplink-k");
    EXPECT_EQ(plan.ports[0].kernel_limit_pps, 20'000u);
}

TEST(BootPlan, AMacAddressThatIsNotSetIsNone) {
    EXPECT_EQ(read_boot(sound_boot()).ports[0].mac, std::nullopt);
}

TEST(BootPlan, IsCopiedOnlyIfItIsValid) {
    const auto area = std::make_unique<abi::ControlArea>();
    area->boot = sound_boot();
    EXPECT_TRUE(copy_boot(*area));
    area->boot.port_count = abi::kMaxPorts + 1;
    EXPECT_FALSE(copy_boot(*area));
    area->boot.checksum = abi::checksum_of(area->boot);
    EXPECT_FALSE(copy_boot(*area));
}

TEST(KernelPath, DependsOnTheDriverAndOnTheTap) {
    const auto path = [](abi::Driver driver, const char* tap) {
        return kernel_path({.name = "uplink", .driver = driver, .kernel_interface = tap});
    };
    for (const auto driver : {abi::Driver::kAfPacket, abi::Driver::kPcap})
        EXPECT_EQ(path(driver, "k0"), KernelPath::kReceivesToo);
    for (const auto driver : {abi::Driver::kPci, abi::Driver::kMemif, abi::Driver::kVdev}) {
        EXPECT_EQ(path(driver, ""), KernelPath::kNone);
        EXPECT_EQ(path(driver, "k0"), KernelPath::kTap);
    }
    EXPECT_EQ(path(abi::Driver::kAfXdp, "k0"), KernelPath::kNone);
}

}  // namespace
}  // namespace vipfwd::host
