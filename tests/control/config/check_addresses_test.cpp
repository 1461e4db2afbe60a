// SPDX-License-Identifier: Apache-2.0
// Whose address is whose, and how many of everything fit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dataplane/abi/limits.h"
#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

class CheckAddress : public ::testing::TestWithParam<Expectation> {};

TEST_P(CheckAddress, Reports) {
    expect_errors(GetParam());
}

const std::string kAddressed = kPort + "addresses = ['10.0.0.1/24', 'fd00::1/64']\n";

std::string service_of(const std::string& vip) {
    return "[[service]]\nname='s'\nprotocol='tcp'\nport=80\npool='web'\nvip=" + vip + "\n";
}

std::string pool_of(const std::string& address) {
    return "[[pool]]\nname='web'\n[[pool.backend]]\nname='b'\naddress=" + address + "\n";
}

std::string group_of(const std::string& vip) {
    return "[[group]]\nname='g'\nport='uplink'\nid=1\nvips=[" + vip + "]\n";
}

INSTANTIATE_TEST_SUITE_P(
    Vips, CheckAddress,
    ::testing::Values(
        Expectation{"APortsOwnAddress",
                    kAddressed + kPool + service_of("@'10.0.0.1'"),
                    {"VIP 10.0.0.1 is a port's own address, in line 6"}},
        Expectation{"APortsOwnAddressInAGroup",
                    kAddressed + group_of("@'10.0.0.1'"),
                    {"VIP 10.0.0.1 is a port's own address, in line 6"}},
        Expectation{"ABroadcastAddressOfANetwork",
                    kAddressed + kPool + service_of("@'10.0.0.255'"),
                    {"VIP 10.0.0.255 is the broadcast address of the network in line 6"}},
        Expectation{"AnIpv4MappedAddress",
                    kPort + kPool + service_of("@'::ffff:10.0.0.100'"),
                    {"is an IPv4-mapped IPv6 address; write it as \"10.0.0.100\""}},
        Expectation{"TheLimitedBroadcast",
                    kPort + kPool + service_of("@'255.255.255.255'"),
                    {"'255.255.255.255' is the broadcast address"}},
        Expectation{"Multicast",
                    kPort + kPool + service_of("@'224.0.0.18'"),
                    {"'vip' in [[service]]: '224.0.0.18' is a multicast address"}},
        Expectation{
            "Ipv6Multicast", kPort + kPool + service_of("@'ff02::12'"), {"is a multicast address"}},
        Expectation{
            "Loopback", kPort + kPool + service_of("@'127.0.0.1'"), {"is a loopback address"}},
        Expectation{"Ipv6Loopback", kPort + group_of("@'::1'"), {"is a loopback address"}},
        Expectation{
            "Unspecified", kPort + kPool + service_of("@'0.0.0.0'"), {"is an unspecified address"}},
        Expectation{
            "Ipv6Unspecified", kPort + kPool + service_of("@'::'"), {"is an unspecified address"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    BackendsAndPeers, CheckAddress,
    ::testing::Values(
        Expectation{"ABackendThatIsItsVip",
                    kPort + pool_of("@'10.0.0.100'") + service_of("'10.0.0.100'"),
                    {"backend 10.0.0.100 is a VIP, in line 16: its packets would come back"}},
        Expectation{"ABackendThatIsAVipOfAGroup",
                    kPort + pool_of("@'10.0.0.100'") + group_of("'10.0.0.100'"),
                    {"backend 10.0.0.100 is a VIP, in line 15"}},
        Expectation{"ABackendThatIsABroadcastAddress",
                    kAddressed + pool_of("@'10.0.0.255'"),
                    {"backend 10.0.0.255 is the broadcast address of the network in line 6"}},
        Expectation{"AMulticastBackend",
                    kPort + pool_of("@'239.1.1.1'"),
                    {"'address' in [[pool.backend]]: '239.1.1.1' is a multicast address"}},
        Expectation{"ALinkLocalBackend",
                    kPort + pool_of("@'fe80::1'"),
                    {"backend fe80::1 is a link-local address, which is not unique across links"}},
        Expectation{"AnIpv4MappedBackend",
                    kPort + pool_of("@'::ffff:10.0.0.11'"),
                    {"is an IPv4-mapped IPv6 address; write it as \"10.0.0.11\""}},
        Expectation{"ALoopbackBackend", kPort + pool_of("@'127.1.2.3'"), {"is a loopback address"}},
        Expectation{"APeerThatIsTheGatewayItself",
                    kAddressed + group_of("'10.0.0.100'") + "peers=[@'10.0.0.1']\n",
                    {"peer 10.0.0.1 is this gateway's own address, in line 6"}}),
    sentence);

const std::string kTunnel = kPort + "tunnel_source = [@'10.7.0.0/24']\n";

INSTANTIATE_TEST_SUITE_P(
    TunnelSources, CheckAddress,
    ::testing::Values(
        Expectation{"OfVipsReportedOnce",
                    kTunnel + kPool + group_of("'10.7.0.9', '10.7.0.10'"),
                    {"tunnel source 10.7.0.0/24 contains VIP 10.7.0.9, in line 15; use addresses"}},
        Expectation{"OfABackend",
                    kTunnel + pool_of("'10.7.0.9'") + service_of("'10.0.0.100'"),
                    {"tunnel source 10.7.0.0/24 contains backend 10.7.0.9, in line 11"}}),
    sentence);

class WarnOfAddress : public ::testing::TestWithParam<Expectation> {};

TEST_P(WarnOfAddress, Warns) {
    expect_warnings(GetParam());
}

const std::string kWithMac = kAddressed + "mac = '02:00:00:00:00:01'\n";

std::string neighbor_of(const std::string& address, const std::string& mac) {
    return "[[neighbor]]\naddress=" + address + "\nmac=" + mac + "\n";
}

INSTANTIATE_TEST_SUITE_P(
    Meeting, WarnOfAddress,
    ::testing::Values(
        Expectation{"ABackendThatIsTheGateway",
                    kAddressed + pool_of("@'10.0.0.1'") + service_of("'10.0.0.100'"),
                    {"backend 10.0.0.1 is this gateway's own address, in line 6: its packets would "
                     "be dropped"}},
        Expectation{"ABackendThatIsTheGatewayByIpv6",
                    kAddressed + pool_of("@'fd00::1'") + service_of("'fd00::100'"),
                    {"backend fd00::1 is this gateway's own address"}},
        Expectation{"ANeighborWithOurAddress",
                    kAddressed + neighbor_of("@'10.0.0.1'", "'02:00:00:00:00:07'"),
                    {"neighbor 10.0.0.1 is this gateway's own address, in line 6"}},
        Expectation{"ANeighborWithOurMac",
                    kWithMac + neighbor_of("'10.0.0.7'", "@'02:00:00:00:00:01'"),
                    {"neighbor 10.0.0.7 has the MAC address of port 'uplink'"}},
        Expectation{"ANeighborThatIsAVip",
                    kPort + neighbor_of("@'10.0.0.100'", "'02:00:00:00:00:07'") + kPool +
                        service_of("'10.0.0.100'"),
                    {"neighbor 10.0.0.100 is a VIP, in line 18"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    WholeNetworks, WarnOfAddress,
    ::testing::Values(
        Expectation{"AsABackend",
                    kAddressed + pool_of("@'10.0.0.0'") + service_of("'10.0.0.100'"),
                    {"backend 10.0.0.0 stands for the whole network in line 6; use the address of "
                     "a host"}},
        Expectation{"AsAVip",
                    kAddressed + kPool + service_of("@'10.0.0.0'"),
                    {"VIP 10.0.0.0 stands for the whole network"}},
        Expectation{"AsANeighbor",
                    kAddressed + neighbor_of("@'fd00::'", "'02:00:00:00:00:07'"),
                    {"neighbor fd00:: stands for the whole network"}},
        Expectation{"AsAPort",
                    kPort + "addresses = [@'10.0.0.0/24']\n",
                    {"10.0.0.0 stands for its whole network; use the address that this gateway "
                     "has"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    None, WarnOfAddress,
    ::testing::Values(Expectation{"OnFirstAddressesOfPointToPointLinks",
                                  kPort + "addresses = ['10.0.0.0/31', 'fd00::/127']\n" +
                                      pool_of("'10.0.0.2'") + service_of("'10.0.0.100'"),
                                  {}},
                      // Without tunnels the pool is reached by its own addresses.
                      Expectation{"OnATunnelSourceThatNoTunnelMeets",
                                  kPort + "tunnel_source = ['10.7.0.0/24']\n" +
                                      pool_of("'10.7.0.9'") + service_of("'10.0.0.100'") +
                                      "forward = 'l2'\n",
                                  {}}),
    sentence);

std::string backends(std::uint32_t first, std::uint32_t count) {
    std::string text;
    for (std::uint32_t i = first; i < first + count; ++i)
        text += fmt::format("{{name='b{}', address='10.{}.{}.{}'}},\n", i, i >> 16 & 255,
                            i >> 8 & 255, i & 255);
    return text;
}

TEST(CheckLimits, ReportTheFirstPoolBeyondTheLimit) {
    std::string text = kPort;
    for (std::uint32_t i = 0; i <= abi::kMaxPools; ++i)
        text += fmt::format("{}[[pool]]\nname='p{}'\n", i == abi::kMaxPools ? "@" : "", i);
    expect_errors({"", text, {"more than 1024 pools"}});
}

TEST(CheckLimits, ReportTheFirstPoolWithoutRoomForItsRing) {
    std::string text = kPort;
    for (int i = 0; i <= 102; ++i)
        text +=
            fmt::format("{}[[pool]]\nname='p{}'\nring_slots = 655373\n", i == 102 ? "@" : "", i);
    expect_errors(
        {"",
         text,
         {"more than 1024 ring stores, of which a ring takes one for each 65,600 slots"}});
}

TEST(CheckLimits, ReportTheFirstServiceBeyondTheLimit) {
    std::string text = kPort + kPool;
    for (std::uint32_t i = 0; i <= abi::kMaxServices; ++i)
        text += fmt::format(
            "{}[[service]]\nname='s{}'\nvip='10.0.0.100'\nprotocol='tcp'\nport={}\npool='web'\n",
            i == abi::kMaxServices ? "@" : "", i, i + 1);
    expect_errors({"", text, {"more than 4096 services"}});
}

TEST(CheckLimits, ReportTheFirstVipBeyondTheLimitCountingEachOnce) {
    std::string vips;
    for (std::uint32_t i = 0; i <= abi::kMaxVips; ++i)
        vips += fmt::format("{}'10.9.{}.{}',", i == abi::kMaxVips ? "@" : "", i >> 8, i & 255);
    expect_errors(
        {"", kPort + kPool + service_of("'10.9.0.7'") + group_of(vips), {"more than 8192 VIPs"}});
}

TEST(CheckLimits, ReportTheFirstBackendBeyondTheLimitOfAPool) {
    const std::string text = kPort + "[[pool]]\nname='a'\nbackend=[\n" + backends(1, 65535) +
                             "@{name='last', address='11.0.0.1'}]\n";
    expect_errors({"", text, {"more than 65535 backends of one pool"}});
}

TEST(CheckLimits, ReportTheFirstBackendBeyondTheLimitOfAllPools) {
    const std::string text = kPort + "[[pool]]\nname='a'\nbackend=[\n" + backends(1, 65535) +
                             "]\n[[pool]]\nname='b'\nbackend=[\n" + backends(1, 1) +
                             "@{name='last', address='11.0.0.1'}]\n";
    expect_errors({"", text, {"more than 65536 backends of all pools together"}});
}

}  // namespace
}  // namespace vipfwd::config::testing
