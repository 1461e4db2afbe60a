// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

class Parse : public ::testing::TestWithParam<Expectation> {};

TEST_P(Parse, Reports) {
    expect_errors(GetParam());
}

std::string group_with(const std::string& lines) {
    return kPort + kPool + kGroup + lines;
}
std::string port_with(const std::string& lines) {
    return kPort + lines;
}
std::string check_with(const std::string& keys) {
    return kPort + "[[pool]]\nname = 'web'\ncheck = { " + keys + " }\n";
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, Parse,
    ::testing::Values(
        Expectation{"AnUnterminatedStringWhereItEnds",
                    "[gateway]\nname = \"gw1@\n",
                    {"not valid TOML: the string has no closing quote; write \"gw1\" ("}},
        Expectation{
            "AKeyThatStandsTwice", "[gateway]\nname = 'a'\nname = @'b'\n", {"not valid TOML"}},
        Expectation{"ATableThatStandsTwice", "[gateway]\n@[gateway]\n", {"not valid TOML"}},
        Expectation{"ANulByte", std::string("[gateway]\n@\0", 12), {"not valid TOML"}},
        Expectation{"GarbageBytes", "@\xff\xfe\x80\x81", {"not valid TOML"}},
        Expectation{"AnIntegerBeyond64Bits",
                    "[gateway]\ngue_port = 99999999999999999999@\n",
                    {"not valid TOML"}},
        Expectation{"TooDeepArrays",
                    "x=" + std::string(256, '[') + "@[" + std::string(257, ']'),
                    {"nested value depth"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    UnknownKeys, Parse,
    ::testing::Values(
        Expectation{"AMisspeltTable",
                    kPort + "[@dataplan]\nworkers = 1\n",
                    {"unknown key 'dataplan' in the file; did you mean 'dataplane'?"}},
        Expectation{"AMisspeltArrayOfTables",
                    kPort + "[[@neigbour]]\n",
                    {"unknown key 'neigbour' in the file; did you mean 'neighbor'?"}},
        Expectation{"AMisspeltRequiredKeyOnce",
                    kPort + "[[neighbor]]\n@adress = '10.0.0.11'\nmac = '02:00:00:00:00:11'\n",
                    {"unknown key 'adress' in [[neighbor]]; did you mean 'address'?"}},
        Expectation{"AKeyThatIsLikeNoOther",
                    kPort + "[gateway]\n@colour = 'red'\n",
                    {"unknown key 'colour' in [gateway]"}},
        Expectation{"AKeyWithControlCharactersReadably",
                    kPort + "[gateway]\n@\"\\u001b[31m\" = 1\n",
                    {"unknown key '\\x1b[31m' in [gateway]"}},
        Expectation{"AKeyOfTheDataplane",
                    kPort + "[dataplane]\n@worker = 2\n",
                    {"unknown key 'worker' in [dataplane]; did you mean 'workers'?"}},
        Expectation{"AKeyOfTheFlowTimeouts",
                    kPort + "[dataplane]\nflow_timeouts = { @opening = 5 }\n",
                    {"unknown key 'opening' in [dataplane.flow_timeouts]; did you mean "
                     "'opening_s'? Its unit is seconds."}},
        Expectation{"AKeyOfAPort",
                    port_with("@queue = 2\n"),
                    {"unknown key 'queue' in [[port]]; did you mean 'queues'?"}},
        Expectation{"AKeyOfAGroup",
                    group_with("@prority = 2\n"),
                    {"unknown key 'prority' in [[group]]; did you mean 'priority'?"}},
        Expectation{"AKeyOfAPool",
                    kPort + kPool + "@checks = 1\n",
                    {"unknown key 'checks' in [[pool]]; did you mean 'check'?"}},
        Expectation{"AKeyOfACheck",
                    check_with("type = 'tcp', port = 1, @raise = 3"),
                    {"unknown key 'raise' in [pool.check]; did you mean 'rise'?"}},
        Expectation{"AKeyWithoutItsUnit",
                    check_with("type = 'tcp', port = 1, @interval = 100"),
                    {"unknown key 'interval' in [pool.check]; did you mean 'interval_ms'? Its unit "
                     "is milliseconds."}},
        Expectation{"AKeyWithAnotherUnit",
                    check_with("type = 'tcp', port = 1, @timeout_s = 1"),
                    {"did you mean 'timeout_ms'? Its unit is milliseconds."}},
        Expectation{"AMisspeltKeyWithoutItsUnit",
                    group_with("@advert_intervall = 100\n"),
                    {"did you mean 'advert_interval_ms'? Its unit is milliseconds."}},
        Expectation{"AKeyWithoutItsLongUnit",
                    kPort + "[dataplane]\n@service_share = 50\n@new_flows = 1000\n",
                    {"did you mean 'service_share_percent'? Its unit is percent.",
                     "did you mean 'new_flows_per_s'? Its unit is a number per second."}},
        Expectation{"AKeyOfABackend",
                    kPort + "[[pool]]\nname = 'web'\n[[pool.backend]]\nname = 'a'\n"
                            "address = '10.0.0.11'\n@wieght = 1\n",
                    {"unknown key 'wieght' in [[pool.backend]]; did you mean 'weight'?"}},
        Expectation{"AKeyOfAService",
                    kPort + kPool + kService + "@protokol = 'tcp'\n",
                    {"unknown key 'protokol' in [[service]]; did you mean 'protocol'?"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    MissingKeys, Parse,
    ::testing::Values(
        Expectation{
            "AllOfAPort",
            "@@@[[port]]\n",
            {"[[port]] has no 'name'", "[[port]] has no 'device'", "[[port]] has no 'driver'"}},
        Expectation{"AllOfANeighbor",
                    kPort + "@@[[neighbor]]\n",
                    {"[[neighbor]] has no 'address'", "[[neighbor]] has no 'mac'"}},
        Expectation{"AllOfAGroup",
                    kPort + "@@@@[[group]]\n",
                    {"no 'name'", "no 'port'", "no 'id'", "no 'vips'"}},
        Expectation{"TheNameOfAPool", kPort + "@[[pool]]\n", {"[[pool]] has no 'name'"}},
        Expectation{"AllOfABackend",
                    kPort + "[[pool]]\nname = 'web'\nbackend = [@@{}]\n",
                    {"[[pool.backend]] has no 'name'", "[[pool.backend]] has no 'address'"}},
        Expectation{"AllOfACheck",
                    kPort + "[[pool]]\nname = 'web'\ncheck = @@{}\n",
                    {"[pool.check] has no 'type'", "[pool.check] has no 'port'"}},
        Expectation{"AllOfAService",
                    kPort + "@@@@@[[service]]\n",
                    {"no 'name'", "no 'vip'", "no 'protocol'", "no 'port'", "no 'pool'"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    WrongTypes, Parse,
    ::testing::Values(
        Expectation{"AStringForAnInteger",
                    kPort + "[dataplane]\nworkers = @'2'\n",
                    {"'workers' in [dataplane]: found a string, wanted an integer"}},
        Expectation{"AFloatForAnInteger",
                    kPort + "[dataplane]\nworkers = @2.0\n",
                    {"found a float, wanted an integer"}},
        Expectation{"AnIntegerForAString",
                    kPort + "[gateway]\nname = @1\n",
                    {"'name' in [gateway]: found an integer, wanted a string"}},
        Expectation{"ADateForAString",
                    kPort + "[gateway]\nname = @2024-01-01\n",
                    {"found a date, wanted a string"}},
        Expectation{"AStringForABoolean",
                    kPort + "[dataplane]\nhugepages = @'yes'\n",
                    {"found a string, wanted true or false"}},
        Expectation{"ABooleanForAList",
                    port_with("addresses = @true\n"),
                    {"'addresses' in [[port]]: found a boolean, wanted a list"}},
        Expectation{"AnIntegerInAListOfStrings",
                    port_with("addresses = ['10.0.0.1/24', @7]\n"),
                    {"found an integer, wanted a list of strings"}},
        Expectation{"AStringInAListOfIntegers",
                    kPort + "[dataplane]\nlcores = [2, @'3']\n",
                    {"found a string, wanted a list of integers"}},
        Expectation{"AValueForATable",
                    "gateway = @1\n" + kPort,
                    {"'gateway' in the file: found an integer, wanted a table"}},
        Expectation{"ATableForAnArrayOfTables",
                    kPort + "@[pool]\nname = 'web'\n",
                    {"'pool' in the file: found a table, wanted an array of tables: [[pool]]"}},
        Expectation{"AValueInAnArrayOfTables",
                    kPort + "[[pool]]\nname='web'\nbackend = [@1]\n",
                    {"found an integer, wanted an array of tables: [[pool.backend]]"}},
        Expectation{"AnArrayForACheck",
                    kPort + "[[pool]]\nname='web'\ncheck = @[]\n",
                    {"'check' in [[pool]]: found an array, wanted a table"}},
        Expectation{"ABooleanForAServicePort",
                    kPort + kPool +
                        "[[service]]\nname='a'\nvip='10.0.0.1'\nprotocol='tcp'\nport=@true\n"
                        "pool='web'\n",
                    {"found a boolean, wanted an integer such as 80, or a string"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    ValuesOutOfBounds, Parse,
    ::testing::Values(
        Expectation{"NoWorker",
                    kPort + "[dataplane]\nworkers = @0\n",
                    {"'workers' in [dataplane]: 0 is out of range; use 1 to 32"}},
        Expectation{"MoreWorkersThanTheDataplaneTakes",
                    kPort + "[dataplane]\nworkers = @33\n",
                    {"33 is out of range; use 1 to 32"}},
        Expectation{"ACpuBeyond1023",
                    kPort + "[dataplane]\nlcores = [@1024]\n",
                    {"'lcores' in [dataplane]: 1024 is out of range; use 0 to 1023"}},
        Expectation{"TooFewFlows",
                    kPort + "[dataplane]\nflows_per_worker = @1_023\n",
                    {"1023 is out of range; use 1024 to 268435456"}},
        Expectation{"TooManyFlows",
                    kPort + "[dataplane]\nflows_per_worker = @268_435_457\n",
                    {"268435457 is out of range"}},
        Expectation{"AFlowTimeoutOf0",
                    kPort + "[dataplane]\nflow_timeouts = { opening_s = @0, udp_s = @21_601 }\n",
                    {"'opening_s' in [dataplane.flow_timeouts]: 0 is out of range; use 1 to 21600",
                     "'udp_s' in [dataplane.flow_timeouts]: 21601 is out of range"}},
        Expectation{"MoreNewFlowsThanCanBeCounted",
                    kPort + "[dataplane]\nnew_flows_per_s = @4_000_000_001\n",
                    {"4000000001 is out of range; use 0 to 4000000000"}},
        Expectation{"AServiceWithoutAShare",
                    kPort + "[dataplane]\nservice_share_percent = @0\n",
                    {"0 is out of range; use 1 to 100"}},
        Expectation{"AVlanOf0", port_with("vlan = @0\n"), {"0 is out of range; use 1 to 4094"}},
        Expectation{"AVlanOf4095",
                    port_with("vlan = 1\nouter_vlan = @4095\n"),
                    {"'outer_vlan' in [[port]]: 4095 is out of range; use 1 to 4094"}},
        Expectation{"AKernelLimitOf0",
                    "[[port]]\nname='a'\ndevice='x'\ndriver='vdev'\nkernel_limit_pps=@0\n",
                    {"0 is out of range; use 1 to 10000000"}},
        Expectation{"AGuePortOf0",
                    kPort + "[gateway]\ngue_port = @0\n",
                    {"0 is out of range; use 1 to 65535"}},
        Expectation{"NoQueue", port_with("queues = @0\n"), {"use 1 to 32"}},
        Expectation{"TooManyQueues", port_with("queues = @33\n"), {"use 1 to 32"}},
        Expectation{"ATinyMtu", port_with("mtu = @575\n"), {"use 576 to 65535"}},
        Expectation{"AGroupIdOf0",
                    kPort + "[[group]]\nname='e'\nport='uplink'\nid=@0\n"
                            "vips=['10.0.0.9']\n",
                    {"0 is out of range; use 1 to 255"}},
        Expectation{"ThePriorityOfAnOwner", group_with("priority = @255\n"), {"use 1 to 254"}},
        Expectation{"AnAdvertIntervalThatDoesNotFitTheWire",
                    group_with("advert_interval_ms = @40960\n"),
                    {"use 10 to 40950"}},
        Expectation{"ANegativeHold", group_with("hold_ms = @-1\n"), {"-1 is out of range"}},
        Expectation{"ACheckPortOf0", check_with("type = 'tcp', port = @0"), {"1 to 65535"}},
        Expectation{"AnIntervalBelow10Ms",
                    check_with("type='tcp', port=1, interval_ms=@9"),
                    {"use 10 to 3600000"}},
        Expectation{"ARiseOf0", check_with("type='tcp', port=1, rise=@0"), {"use 1 to 100"}},
        Expectation{"AFallOf101", check_with("type='tcp', port=1, fall=@101"), {"use 1 to 100"}},
        Expectation{"AWeightThatIsTooLarge",
                    kPort + "[[pool]]\nname='web'\nbackend=[{name='a', address='10.0.0.1', "
                            "weight=@65536}]\n",
                    {"65536 is out of range; use 0 to 65535"}},
        Expectation{"AServicePortOf0",
                    kPort + kPool +
                        "[[service]]\nname='a'\nvip='10.0.0.1'\nprotocol='tcp'\nport=@0\n"
                        "pool='web'\n",
                    {"'port' in [[service]]: 0 is out of range; use 1 to 65535"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    UnfitText, Parse,
    ::testing::Values(
        Expectation{"AnUnknownDriver",
                    "[[port]]\nname='a'\ndevice='eth1'\ndriver=@'afxdp'\n",
                    {"unknown driver 'afxdp'; use one of pci, af_xdp, af_packet, pcap, memif, "
                     "vdev; did you mean 'af_xdp'?"}},
        Expectation{"AnUnknownIdleMode",
                    kPort + "[dataplane]\nidle = @'sleeep'\n",
                    {"unknown idle mode 'sleeep'; use one of spin, sleep; did you mean 'sleep'?"}},
        Expectation{"AnUnknownRuleForForeignVips",
                    kPort + "[[group]]\nname='a'\nport='uplink'\nid=1\nvips=['10.0.0.1']\n"
                            "foreign_vips=@'ignored'\n",
                    {"unknown rule for foreign VIPs 'ignored'; use one of ignore, obey; did you "
                     "mean 'ignore'?"}},
        Expectation{
            "AnUnknownCheckType",
            check_with("type = @'HTTPS', port = 1"),
            {"unknown check type 'HTTPS'; use one of tcp, http, https, mysql, amqp, dns, udp, "
             "script; did you mean 'https'?"}},
        Expectation{"AnUnknownProtocolAndForwardingMode",
                    kPort + kPool +
                        "[[service]]\nname='a'\nvip='10.0.0.1'\nprotocol=@'tpc'\nport=1\n"
                        "pool='web'\nforward=@'ipipe'\n",
                    {"unknown protocol 'tpc'; use one of tcp, udp; did you mean 'tcp'?",
                     "unknown forwarding mode 'ipipe'; use one of ipip, gue, l2; did you mean "
                     "'ipip'?"}},
        Expectation{"AnUnknownAffinity",
                    kPort + kPool + kService + "affinity = @'sorce'\n",
                    {"unknown affinity 'sorce'; use one of none, source; did you mean 'source'?"}},
        Expectation{"ATunnelSourceOfTooManyBits",
                    port_with("tunnel_source = [@'fd00:1::/64']\n"),
                    {"'tunnel_source' in [[port]]: 'fd00:1::/64' leaves 64 bits for the flow's "
                     "hash; use /96 to /128"}},
        Expectation{"ALongKernelInterface",
                    "[[port]]\nname='a'\ndevice='x'\ndriver='vdev'\n"
                    "kernel_interface=@'a234567890123456'\n",
                    {"'a234567890123456' cannot be an interface's name; use 1 to 15 characters"}},
        Expectation{"AnInvalidAddress",
                    kPort + "[[neighbor]]\naddress=@'10.0.0.300'\n"
                            "mac='02:00:00:00:00:01'\n",
                    {"'address' in [[neighbor]]: '10.0.0.300' is not an IP address; write one"}},
        Expectation{"AnInvalidMacAddress",
                    port_with("mac = @'02:00:00:00:00'\n"),
                    {"'mac' in [[port]]: '02:00:00:00:00' is not a MAC address; write one"}},
        Expectation{"AMulticastMacAddress",
                    port_with("mac = @'01:00:5e:00:00:01'\n"),
                    {"is a multicast address; use the address of one interface"}},
        Expectation{"AZeroMacAddress", port_with("mac = @'00:00:00:00:00:00'\n"), {"is all zero"}},
        Expectation{"AnInterfaceAddressWithoutPrefix",
                    port_with("addresses = [@'10.0.0.1']\n"),
                    {"'10.0.0.1' has no prefix length; write one such as"}},
        Expectation{"ANameWithASpace",
                    kPort + "[gateway]\nname = @'my gateway'\n",
                    {"'my gateway' is not a name; use 1 to 63 of the characters"}},
        Expectation{"AnEmptyDevice",
                    "[[port]]\nname='a'\ndevice=@''\ndriver='pcap'\n",
                    {"'' cannot be a device"}},
        Expectation{
            "AnEmptySeedFile", kPort + "[gateway]\nseed_file = @''\n", {"'' cannot be a file"}},
        Expectation{"AnUrlPathWithoutSlash",
                    check_with("type='http', port=1, path=@'healthz'"),
                    {"'healthz' is not the path of a request"}},
        Expectation{"AHostWithASlash",
                    check_with("type='http', port=1, host=@'a/b'"),
                    {"'a/b' is not the name of a host"}},
        Expectation{"StatusesBelow100",
                    check_with("type='http', port=1, expect=@'20-30'"),
                    {"'20-30' is not a set of HTTP statuses"}},
        Expectation{"StatusesInReverse",
                    check_with("type='http', port=1, expect=@'200,399-300'"),
                    {"'200,399-300' is not a set of HTTP statuses"}},
        Expectation{"AnEmptyTextToSend",
                    check_with("type='tcp', port=1, send=@''"),
                    {"it has 0 bytes; write 1 to 1024"}},
        Expectation{"AReversedPortRange",
                    kPort + kPool +
                        "[[service]]\nname='a'\nvip='10.0.0.1'\nprotocol='tcp'\n"
                        "port=@'8099-8000'\npool='web'\n",
                    {"'8099-8000' is not a port range; write an integer such as 80"}}),
    sentence);

TEST(ParseAll, ReportsManyErrorsOfOneFileInTheOrderOfTheirLines) {
    expect_errors({"",
                   "[gateway]\n@nmae = 'gw'\ngue_port = @0\n"
                   "[dataplane]\nidle = @1\n"
                   "[[port]]\nname = @''\ndevice = 'eth1'\ndriver = @'xdp'\nmtu = @1\n"
                   "@[[neighbor]]\naddress = @'x'\n",
                   {"unknown key 'nmae'", "'gue_port'", "'idle'", "'name' in [[port]]",
                    "unknown driver", "'mtu'", "no 'mac'", "'address' in [[neighbor]]"}});
}

}  // namespace
}  // namespace vipfwd::config::testing
