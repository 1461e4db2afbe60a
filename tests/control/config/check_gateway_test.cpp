// SPDX-License-Identifier: Apache-2.0
// Checks of [dataplane], [[port]] and [[neighbor]], and of references to ports.
#include <gtest/gtest.h>

#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

class CheckGateway : public ::testing::TestWithParam<Expectation> {};

TEST_P(CheckGateway, Reports) {
    expect_errors(GetParam());
}

std::string port(const std::string& name, const std::string& driver, const std::string& device) {
    return "\n[[port]]\nname = '" + name + "'\ndriver = '" + driver + "'\ndevice = " + device +
           "\n";
}

INSTANTIATE_TEST_SUITE_P(
    Workers, CheckGateway,
    ::testing::Values(
        Expectation{"FewerQueuesThanWorkers",
                    kPort + "queues = @1\n[dataplane]\nworkers = 2\n",
                    {"port 'uplink' has queues = 1, but there are 2 workers, and each transmits on "
                     "a queue of its own; set queues = 2 or more"}},
        Expectation{"FewerQueuesThanWorkersByDefault",
                    "@[[port]]\nname='a'\ndevice='e'\ndriver='af_xdp'\n[dataplane]\nworkers = 2\n",
                    {"port 'a' has queues = 1, but there are 2 workers"}},
        Expectation{"FewerQueuesThanLcores",
                    kPort + "queues = @2\n[dataplane]\nlcores = [1, 2, 3]\n",
                    {"there are 3 workers"}},
        Expectation{"OtherNumberOfLcoresThanOfWorkers",
                    kPort + "queues = 2\n[dataplane]\nworkers = 2\nlcores = @[2]\n",
                    {"1 lcores for 2 workers; list one CPU a worker"}},
        Expectation{"AnLcoreListedTwice",
                    kPort + "queues = 3\n[dataplane]\nlcores = [2, 3, @2]\n",
                    {"CPU 2 is listed twice"}},
        Expectation{"MoreLcoresThanWorkersThereCanBe",
                    kPort + "[dataplane]\nlcores = @[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,"
                            "15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]\n",
                    {"33 lcores; there can be at most 32 workers"}}),
    sentence);

class WarnOfGateway : public ::testing::TestWithParam<Expectation> {};

TEST_P(WarnOfGateway, Warns) {
    expect_warnings(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    FlowTimeouts, WarnOfGateway,
    ::testing::Values(
        Expectation{"OpeningAboveEstablished",
                    kPort + "[dataplane.flow_timeouts]\nestablished_s = 100\nopening_s = @200\n",
                    {"opening_s = 200 is above established_s = 100"}},
        Expectation{"EstablishedBelowTheDefaultOfOpening",
                    kPort + "[dataplane]\nflow_timeouts = { established_s = @30 }\n",
                    {"opening_s = 60 is above established_s = 30"}},
        Expectation{"NothingIfTheyAreEqual",
                    kPort + "[dataplane]\nflow_timeouts = { established_s = 60 }\n",
                    {}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    Ports, CheckGateway,
    ::testing::Values(
        Expectation{"TwoOfOneName",
                    kPort + "[[port]]\nname = @'uplink'\ndevice = 'eth2'\ndriver = 'af_xdp'\n",
                    {"two ports are named 'uplink', the other in line 3; rename one"}},
        Expectation{"TwoOfOneInterface",
                    kPort + port("b", "af_packet", "@'eth1'"),
                    {"'eth1' is in use already, in line 4"}},
        Expectation{"TwoOfOnePciDeviceWrittenDifferently",
                    port("a", "pci", "'0000:0A:00.0'") + port("b", "pci", "@'0a:00.0,arg=1'"),
                    {"'0a:00.0,arg=1' is in use already, in line 5"}},
        Expectation{
            "TwoOfOneVirtualDevice",
            port("a", "vdev", "'net_tap0,iface=a'") + port("b", "vdev", "@'net_tap0,iface=b'"),
            {"is in use already, in line 5"}},
        Expectation{"TwoOfOneMemifSocket",
                    port("a", "memif", "'/run/a'") + port("b", "memif", "@'/run/a'"),
                    {"'/run/a' is in use already"}},
        Expectation{"ACaptureThatIsReadAndWritten",
                    port("a", "pcap", "'x.pcap'") + "output = @'x.pcap'\n",
                    {"'x.pcap' is in use already, in line 5"}},
        Expectation{"AnOutputWithoutACapture",
                    kPort + "output = @'out.pcap'\n",
                    {"'output' is for driver \"pcap\" only"}},
        Expectation{"AnInterfaceForPci",
                    port("a", "pci", "@'eth1'"),
                    {"'eth1' is not a PCI address; write one such as \"0000:01:00.0\""}},
        Expectation{"ALongInterfaceForAfXdp",
                    port("a", "af_xdp", "@'a234567890123456'"),
                    {"'a234567890123456' is too long for an interface; their names have at most "
                     "15 bytes"}},
        Expectation{"ALongInterfaceForAfPacket",
                    port("a", "af_packet", "@'a234567890123456'"),
                    {"is too long for an interface"}},
        Expectation{"APathForAnInterface",
                    port("a", "af_packet", "@'/dev/eth1'"),
                    {"'/dev/eth1' is not an interface"}},
        Expectation{"OneAddressTwice",
                    kPort + "addresses = ['10.0.0.1/24']\n" + port("b", "af_xdp", "'eth2'") +
                        "addresses = [@'10.0.0.1/16']\n",
                    {"address 10.0.0.1 is listed already, in line 6"}},
        Expectation{"ABroadcastAddress",
                    kPort + "addresses = [@'10.0.0.255/24']\n",
                    {"10.0.0.255 is the broadcast address of its own network"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    VlansAndTunnels, CheckGateway,
    ::testing::Values(
        Expectation{"AnOuterVlanWithoutAVlan",
                    kPort + "outer_vlan = @7\n",
                    {"'outer_vlan' is a tag around that of 'vlan', which is not set"}},
        Expectation{"TwoTunnelSourcesOfAFamily",
                    kPort + "tunnel_source = ['10.99.0.0/16', 'fd00:1::/96', @'10.98.0.1']\n",
                    {"port 'uplink' has another IPv4 tunnel source already"}},
        Expectation{"ATunnelSourceThatContainsAVip",
                    kPort + "tunnel_source = [@'10.0.0.96/28']\n" + kPool + kService,
                    {"tunnel source 10.0.0.96/28 contains VIP 10.0.0.100, in line 14"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    KernelInterfaces, CheckGateway,
    ::testing::Values(
        Expectation{"OfADriverOfKernelInterfaces",
                    kPort + "kernel_interface = @'tap0'\n",
                    {"'kernel_interface' is for drivers \"pci\", \"memif\" and \"vdev\" only"}},
        Expectation{"OfACapture",
                    port("a", "pcap", "'in.pcap'") + "kernel_interface = @'tap0'\n",
                    {"'kernel_interface' is for drivers"}},
        Expectation{"NotNamedLikeAPortWithALongName",
                    "\n[[port]]\nname = @'a234567890123456'\ndriver = 'memif'\ndevice = '/m'\n",
                    {"the kernel has no interfaces named 'a234567890123456', so that the port "
                     "needs 'kernel_interface': write a name of 1 to 15 characters, or \"\" for "
                     "none"}},
        Expectation{"OfOneNameTwice",
                    port("a", "vdev", "'net_null0'") + port("b", "vdev", "'net_null1'") +
                        "kernel_interface = @'a'\n",
                    {"interface 'a' is in use already, in line 3"}},
        Expectation{"NamedLikeAnotherPortsInterface",
                    kPort + "\n[[port]]\nname = @'eth1'\ndriver = 'memif'\ndevice = '/m'\n",
                    {"interface 'eth1' is in use already, in line 4"}},
        Expectation{
            "WithoutOneThereIsNoLimit",
            port("a", "vdev", "'net_null0'") + "kernel_interface = ''\nkernel_limit_pps = @5\n",
            {"'kernel_limit_pps' has no effect on a port without a kernel interface"}},
        Expectation{"TheLimitOfADriverOfKernelInterfaces",
                    kPort + "kernel_limit_pps = @5\n",
                    {"'kernel_limit_pps' has no effect"}}),
    sentence);

TEST(CheckPorts, HaveAKernelInterfaceOfTheirNameByDefault) {
    const Config config =
        load_good(port("a", "pci", "'0000:01:00.0'") + port("b", "memif", "'/run/m'") +
                  "kernel_interface = 'tap0'\nkernel_limit_pps = 10_000_000\n" +
                  port("c", "vdev", "'net_null0'") + "kernel_interface = ''\n" +
                  port("d234567890123456", "vdev", "'net_null1'") + "kernel_interface = ''\n" +
                  port("e", "af_xdp", "'eth1'") + port("f", "pcap", "'in.pcap'"));
    const std::vector<std::string> expected = {"a", "tap0", "", "", "", ""};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_EQ(config.ports[i].kernel_interface, expected[i]) << config.ports[i].name;
    EXPECT_EQ(config.ports[1].kernel_limit_pps, 10'000'000u);
}

INSTANTIATE_TEST_SUITE_P(
    References, CheckGateway,
    ::testing::Values(
        Expectation{"ANeighborOfAnUnknownPort",
                    kPort + "[[neighbor]]\naddress='10.0.0.2'\nmac='02:00:00:00:00:02'\n"
                            "port=@'uplnk'\n",
                    {"there is no port named 'uplnk'; did you mean 'uplink'?"}},
        Expectation{"AGroupOfAnUnknownPort",
                    kPort + "[[group]]\nname='g'\nid=1\nvips=['10.0.0.9']\nport=@'downlink'\n",
                    {"there is no port named 'downlink'"}},
        Expectation{"OneNeighborTwice",
                    kPort + "[[neighbor]]\naddress='10.0.0.2'\nmac='02:00:00:00:00:02'\n"
                            "[[neighbor]]\naddress=@'10.0.0.2'\nmac='02:00:00:00:00:03'\n",
                    {"two neighbors have address 10.0.0.2, the other in line 7; remove one"}}),
    sentence);

TEST(CheckPorts, TakeEveryDriver) {
    const Config config = load_good(
        port("a", "pci", "'0000:01:00.0'") + port("b", "pci", "'02:00.1,arg=1'") +
        port("c", "af_xdp", "'eth1'") + port("d", "af_packet", "'eth2'") +
        port("e", "pcap", "'in.pcap'") + "output='out.pcap'\n" + port("f", "memif", "'/run/m'") +
        port("g", "vdev", "'net_tap0,iface=t'") + port("h", "pcap", "'other.pcap'"));
    ASSERT_EQ(config.ports.size(), 8u);
    EXPECT_EQ(config.ports[1].driver, abi::Driver::kPci);
    EXPECT_EQ(config.ports[4].output, "out.pcap");
    EXPECT_EQ(config.ports[6].driver, abi::Driver::kVdev);
    EXPECT_EQ(config.ports[7].output, "");
}

TEST(CheckPorts, AreRequired) {
    const LoadOutcome outcome = load_text("[gateway]\n", "x.toml");
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    EXPECT_FALSE(outcome.diagnostics[0].where.is_set());
}

TEST(CheckPorts, NumberAtMost16) {
    std::string text;
    for (int i = 0; i < 17; ++i) {
        const std::string number = std::to_string(i);
        text +=
            (i == 16 ? "@" : "") + port("p" + number, "af_xdp", "'eth" + number + "'").substr(1);
    }
    expect_errors({"", text, {"more than 16 ports"}});
}

}  // namespace
}  // namespace vipfwd::config::testing
