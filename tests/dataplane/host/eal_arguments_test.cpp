// SPDX-License-Identifier: Apache-2.0
#include "dataplane/host/eal_arguments.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vipfwd::host {
namespace {

using Arguments = std::vector<std::string>;

PortPlan port(abi::Driver driver, const std::string& device) {
    return {.name = "uplink", .device = device, .driver = driver};
}

BootPlan plan(std::vector<PortPlan> ports) {
    return {.gateway = "gw1", .flows_per_worker = 1024, .lcores = {0}, .ports = std::move(ports)};
}

Arguments arguments_of(const BootPlan& boot) {
    const LcorePlan lcores{.main = {0}, .workers = {1}};
    const MemoryPlan memory{.eal_bytes = 48 * kMiB};
    return eal_arguments(boot, lcores, memory, "vipfwd-gw1-01234567");
}

bool contains(const Arguments& arguments, const Arguments& part) {
    return std::search(arguments.begin(), arguments.end(), part.begin(), part.end()) !=
           arguments.end();
}

DeviceName device_of(const PortPlan& plan, const DeviceFacts& facts = {}) {
    const Result<DeviceName> device = name_device(plan, facts);
    EXPECT_TRUE(device) << device.error().message;
    return device ? *device : DeviceName{};
}

TEST(EalArguments, HaveCpusMemoryAndFilePrefix) {
    const Arguments arguments = arguments_of(plan({port(abi::Driver::kAfXdp, "eth1")}));
    EXPECT_EQ(arguments[0], "vipfwd-dataplane");
    EXPECT_TRUE(contains(arguments, {"--lcores", "0@(0),1@1"}));
    EXPECT_TRUE(contains(arguments, {"--main-lcore", "0"}));
    EXPECT_TRUE(contains(arguments, {"-m", "48"}));
    EXPECT_TRUE(contains(arguments, {"--file-prefix", "vipfwd-gw1-01234567"}));
}

TEST(EalArguments, WithHugepagesOtherProcessesCanAttach) {
    const Arguments arguments = arguments_of(plan({port(abi::Driver::kAfXdp, "eth1")}));
    for (const char* unwanted : {"--no-huge", "--no-shconf", "--in-memory"})
        EXPECT_FALSE(contains(arguments, {unwanted})) << unwanted;
}

TEST(EalArguments, WithoutHugepagesNothingIsSharedInFiles) {
    BootPlan boot = plan({port(abi::Driver::kPcap, "in.pcap")});
    boot.memory = abi::Memory::kNormal;
    const Arguments arguments = arguments_of(boot);
    EXPECT_TRUE(contains(arguments, {"--no-huge"}));
    EXPECT_TRUE(contains(arguments, {"--no-shconf"}));
}

TEST(EalArguments, PciIsProbedOnlyIfAPortNeedsIt) {
    EXPECT_TRUE(contains(arguments_of(plan({port(abi::Driver::kAfXdp, "eth1")})), {"--no-pci"}));
    const Arguments arguments = arguments_of(
        plan({port(abi::Driver::kAfXdp, "eth1"), port(abi::Driver::kPci, "0000:01:00.0,a=1")}));
    EXPECT_FALSE(contains(arguments, {"--no-pci"}));
    EXPECT_TRUE(contains(arguments, {"-a", "0000:01:00.0,a=1"}));
}

TEST(FilePrefix, DependsOnGatewayAndRunDirectory) {
    EXPECT_EQ(file_prefix("gw1", "/run/vipfwd"), file_prefix("gw1", "/run/vipfwd"));
    EXPECT_NE(file_prefix("gw1", "/run/vipfwd"), file_prefix("gw2", "/run/vipfwd"));
    EXPECT_NE(file_prefix("gw1", "/run/vipfwd"), file_prefix("gw1", "/run/other"));
}

TEST(FilePrefix, HasNoCharacterThatIsSpecialInAPath) {
    const std::string prefix = file_prefix("../a b,c", "/run/vipfwd");
    EXPECT_EQ(prefix.find_first_of("/., "), std::string::npos) << prefix;
    EXPECT_EQ(prefix.rfind("vipfwd-___a_b_c-", 0), 0u) << prefix;
}

TEST(DeviceName, OfAnAfXdpPortNamesInterfaceQueuesAndProgram) {
    PortPlan uplink = port(abi::Driver::kAfXdp, "eth1");
    uplink.queues = 2;
    const DeviceName device = device_of(uplink, {.number = 3, .steer_object = "/lib/steer.bpf.o"});
    EXPECT_EQ(device.name, "net_af_xdp3");
    EXPECT_EQ(device.arguments, "iface=eth1,start_queue=0,queue_count=2,xdp_prog=/lib/steer.bpf.o");
    EXPECT_FALSE(device.on_pci);
}

TEST(DeviceName, OfAnAfPacketPortHasSlotsForItsFrames) {
    const PortPlan uplink = port(abi::Driver::kAfPacket, "eth1");
    EXPECT_EQ(device_of(uplink, {.mtu = 1500}).arguments,
              "iface=eth1,qpairs=1,framesz=2048,blocksz=4096,framecnt=2048");
    EXPECT_EQ(device_of(uplink, {.mtu = 9000}).arguments,
              "iface=eth1,qpairs=1,framesz=16384,blocksz=16384,framecnt=2048");
}

TEST(DeviceName, OfACaptureHasTheFilesThatThereAre) {
    const PortPlan uplink = port(abi::Driver::kPcap, "in.pcap");
    EXPECT_EQ(device_of(uplink, {.input = "/in", .output = "/out"}).arguments,
              "rx_pcap=/in,tx_pcap=/out");
    EXPECT_EQ(device_of(uplink, {.input = "/in"}).arguments, "rx_pcap=/in");
    EXPECT_EQ(device_of(uplink, {.output = "/out"}).arguments, "tx_pcap=/out");
}

TEST(DeviceName, OfAMemifIsASocketOrArguments) {
    EXPECT_EQ(device_of(port(abi::Driver::kMemif, "/run/m.sock")).arguments,
              "role=server,socket-abstract=no,socket=/run/m.sock");
    EXPECT_EQ(device_of(port(abi::Driver::kMemif, "id=1,role=client")).arguments,
              "id=1,role=client");
    const DeviceName full = device_of(port(abi::Driver::kMemif, "net_memif7,id=1"));
    EXPECT_EQ(full.name, "net_memif7");
    EXPECT_EQ(full.arguments, "id=1");
}

TEST(DeviceName, OfAVdevIsItsFirstWord) {
    const DeviceName device = device_of(port(abi::Driver::kVdev, "net_null0,size=64,copy=1"));
    EXPECT_EQ(device.name, "net_null0");
    EXPECT_EQ(device.arguments, "size=64,copy=1");
    EXPECT_EQ(device_of(port(abi::Driver::kVdev, "net_null0")).arguments, "");
}

TEST(DeviceName, OfAPciPortIsItsFullAddress) {
    const DeviceName device = device_of(port(abi::Driver::kPci, "01:00.0,a=1"));
    EXPECT_EQ(device.name, "0000:01:00.0");
    EXPECT_TRUE(device.on_pci);
}

TEST(DeviceName, OfATapNamesInterfaceAndMac) {
    PortPlan uplink = port(abi::Driver::kPci, "01:00.0");
    uplink.kernel_interface = "uplink-k";
    const DeviceName device = name_tap(uplink, 2, {{2, 0, 0, 0, 0, 0xa}});
    EXPECT_EQ(device.name, "net_tap_k2");
    EXPECT_EQ(device.arguments, "iface=uplink-k,mac=02:00:00:00:00:0a");
    EXPECT_FALSE(device.on_pci);
}

TEST(DeviceName, AnInvalidDeviceIsAnErrorOfThePort) {
    for (const char* text : {"", ",size=64", "--no-huge", "/dev/net", "net null"}) {
        const Result<DeviceName> device = name_device(port(abi::Driver::kVdev, text), {});
        ASSERT_FALSE(device) << text;
        EXPECT_EQ(device.error().message.rfind("port 'uplink': ", 0), 0u);
    }
}

TEST(DeviceName, AProgramInAPathWithACommaIsAnError) {
    EXPECT_FALSE(
        name_device(port(abi::Driver::kAfXdp, "eth1"), {.steer_object = "/a,b/steer.bpf.o"}));
}

}  // namespace
}  // namespace vipfwd::host
