// SPDX-License-Identifier: Apache-2.0
// Checks of [[group]], [[pool]] and [[service]].
#include <gtest/gtest.h>

#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

class CheckBalancing : public ::testing::TestWithParam<Expectation> {};
class CheckWarnings : public ::testing::TestWithParam<Expectation> {};

TEST_P(CheckBalancing, Reports) {
    expect_errors(GetParam());
}
TEST_P(CheckWarnings, Warns) {
    expect_warnings(GetParam());
}

std::string group(const std::string& name, const std::string& id, const std::string& vips) {
    return "\n[[group]]\nport = 'uplink'\nname = " + name + "\nid = " + id + "\nvips = " + vips +
           "\n";
}

std::string pool(const std::string& name, const std::string& backends) {
    return "\n[[pool]]\nname = " + name + "\nbackend = [" + backends + "]\n";
}

std::string service(const std::string& name, const std::string& port,
                    const std::string& protocol = "'tcp'",
                    const std::string& vip = "'10.0.0.100'") {
    return "\n[[service]]\nname = " + name + "\nvip = " + vip + "\nprotocol = " + protocol +
           "\nport = " + port + "\npool = 'web'\n";
}

std::string check(const std::string& keys) {
    return kPort + "[[pool]]\nname = 'web'\ncheck = " + keys + "\n";
}

const std::string kSeeded = kPort + kPool;

std::string policy(const std::string& keys, const std::string& backends) {
    return kPort + "[[pool]]\nname = 'web'\n" + keys + "\nbackend = [" + backends + "]\n";
}

const std::string kTwoBackends = "{name='a', address='10.0.0.11'}, {name='b', address='10.0.0.12'}";
const std::string kTcpCheck = "\ncheck = {type='tcp', port=80}";

INSTANTIATE_TEST_SUITE_P(
    Policies, CheckBalancing,
    ::testing::Values(
        Expectation{"MinUpThatIsNoPercentage",
                    policy("min_up = @'half'" + kTcpCheck, kTwoBackends),
                    {"'half' is not a percentage; write \"1%\" to \"100%\""}},
        Expectation{"MinUpBeyondAllBackends",
                    policy("min_up = @'101%'" + kTcpCheck, kTwoBackends),
                    {"'101%' is not a percentage"}},
        Expectation{
            "MinUpOfZero", policy("min_up = @0" + kTcpCheck, kTwoBackends), {"0 is out of range"}},
        Expectation{"MinUpThatCannotBeReached",
                    policy("min_up = @3" + kTcpCheck, kTwoBackends),
                    {"min_up (3) exceeds the number of backends (2)"}},
        Expectation{
            "MinUpWithoutACheck", policy("min_up = @1", kTwoBackends), {"pool 'web' has no check"}},
        Expectation{"FailbackOfASpreadPool",
                    policy("failback = @true", kTwoBackends),
                    {"failback is for mode = \"first\" only"}},
        Expectation{"AnUnknownMode",
                    policy("mode = @'one'", kTwoBackends),
                    {"unknown mode 'one'; use one of spread, first"}},
        Expectation{"FirstWithWhatIsForSeveral",
                    policy("mode = 'first'\nmin_up = @1\nslow_start_ms = @1000" + kTcpCheck,
                           "{name='a', address='10.0.0.11', tier=@2}"),
                    {"so that min_up means nothing", "so that slow_start_ms means nothing",
                     "in the order of the file; remove tier"}},
        Expectation{"ASlowStartOfASmallWeight",
                    policy("slow_start_ms = 1000",
                           "{name='a', address='10.0.0.11', weight=@9}, "
                           "{name='b', address='10.0.0.12', weight=0}"),
                    {"weight (9) is too small for slow_start_ms"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    Groups, CheckBalancing,
    ::testing::Values(
        Expectation{"GroupsWithoutASeed",
                    "[gateway]\nname = 'a'\n" + kPort +
                        "@[[group]]\nname='a'\nport='uplink'\nid=1\nvips=['10.0.0.8']\n" +
                        group("'b'", "2", "['10.0.0.9']"),
                    {"a group needs a seed_file in [gateway]"}},
        Expectation{"AFileForARandomSeed",
                    "[gateway]\nseed_file = @'/dev/null'\nrandom_seed = @true\n" + kPort,
                    {"not a regular file", "random_seed = true, but there is a seed_file"}},
        Expectation{"TwoOfOneName",
                    kPort + group("'a'", "1", "['10.0.0.8']") + group("@'a'", "2", "['10.0.0.9']"),
                    {"two groups are named 'a', the other in line 9"}},
        Expectation{"AnIdUsedTwiceOnAPort",
                    kPort + group("'a'", "1", "['10.0.0.8']") + group("'b'", "@1", "['10.0.0.9']"),
                    {"two IPv4 groups of port 'uplink' have id 1, the other in line 10"}},
        Expectation{"AVipInTwoGroups",
                    kPort + group("'a'", "1", "['10.0.0.8']") + group("'b'", "2", "[@'10.0.0.8']"),
                    {"VIP 10.0.0.8 is in a group already, in line 11"}},
        Expectation{"AVipTwiceInAGroup",
                    kPort + group("'a'", "1", "['10.0.0.8', @'10.0.0.8']"),
                    {"VIP 10.0.0.8 is in a group already, in line 11"}},
        Expectation{"NoVips", kPort + group("'a'", "1", "@[]"), {"group 'a' has no VIPs"}},
        Expectation{
            "OnePeerTwice",
            kPort + group("'a'", "1", "['10.0.0.8']") + "peers = ['10.0.0.2', @'10.0.0.2']\n",
            {"peer 10.0.0.2 is listed twice"}},
        Expectation{"APeerOfAFamilyWithoutVips",
                    kPort + group("'a'", "1", "['10.0.0.8']") + "peers = [@'fd00::2']\n",
                    {"peer fd00::2 is IPv6, but the group elects over IPv4, as its first VIP is; "
                     "use a peer's IPv4 address"}},
        Expectation{"Version2OverIpv6",
                    kPort + group("'a'", "1", "['fd00::8']") + "version = @2\n",
                    {"version = 2 is for IPv4 only"}},
        Expectation{
            "Version2WithFractionsOfASecond",
            kPort + group("'a'", "1", "['10.0.0.8']") + "version = @2\nadvert_interval_ms = 1500\n",
            {"version = 2 counts whole seconds, and advert_interval_ms is 1500"}},
        Expectation{"AChecksumThatVersion2DoesNotHave",
                    kPort + group("'a'", "1", "['10.0.0.8']") +
                        "version = 2\nchecksum_pseudo_header = @false\n",
                    {"checksum_pseudo_header = false is for version 3 over IPv4"}},
        Expectation{"AChecksumThatIpv6DoesNotHave",
                    kPort + group("'a'", "1", "['fd00::8']") + "checksum_pseudo_header = @false\n",
                    {"checksum_pseudo_header = false is for version 3 over IPv4"}},
        Expectation{
            "AKernelAddressForServicesThatAreNotAccepted",
            kPort + group("'a'", "1", "['10.0.0.8']") + "accept = false\nkernel_address = @true\n",
            {"group 'a' has kernel_address = true, for services of this machine, and accept = "
             "false, which drops their packets; remove one of the two"}},
        Expectation{"AKernelAddressOnAnAfPacketPort",
                    "[[port]]\nname='uplink'\ndevice='eth1'\ndriver='af_packet'\n" +
                        group("'a'", "1", "['10.0.0.8']") + "kernel_address = @true\n",
                    {"group 'a' has kernel_address = true on port 'uplink' of driver = "
                     "\"af_packet\", where the kernel receives the services"}},
        Expectation{"AKernelAddressOverACapture",
                    "[[port]]\nname='uplink'\ndevice='in.pcap'\ndriver='pcap'\n" +
                        group("'a'", "1", "['10.0.0.8']") + "kernel_address = @true\n",
                    {"group 'a' has kernel_address = true, but port 'uplink' is a capture"}},
        Expectation{"APortWithoutAKernelInterface",
                    "[[port]]\nname='uplink'\ndevice='net_null0'\ndriver='vdev'\n"
                    "kernel_interface=''\n[[group]]\nname='a'\nport=@'uplink'\nid=1\n"
                    "vips=['10.0.0.8']\n",
                    {"group 'a' cannot receive adverts: port 'uplink' has no kernel "
                     "interface"}},
        Expectation{"AnAdvertIntervalThatIsNotAMultipleOf10",
                    kPort + group("'a'", "1", "['10.0.0.8']") + "advert_interval_ms = @15\n",
                    {"advert_interval_ms = 15 is not a multiple of 10"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    Pools, CheckBalancing,
    ::testing::Values(
        Expectation{"TwoOfOneName",
                    kPort + pool("'a'", "") + pool("@'a'", ""),
                    {"two pools are named 'a', the other in line 8"}},
        Expectation{"TwoBackendsOfOneName",
                    kPort + pool("'a'",
                                 "{name='x', address='10.0.0.1'},\n"
                                 "{name=@'x', address='10.0.0.2'}"),
                    {"two backends are named 'x', the other in line 9"}},
        Expectation{"TwoBackendsOfOneAddress",
                    kPort + pool("'a'",
                                 "{name='x', address='10.0.0.1'},\n"
                                 "{name='y', address=@'10.0.0.1'}"),
                    {"two backends of pool 'a' have address 10.0.0.1, the other in line 9"}},
        Expectation{"ATimeoutBeyondTheInterval",
                    check("{type='tcp', port=1, interval_ms=100, timeout_ms=@101}"),
                    {"timeout_ms (101) exceeds interval_ms (100); set timeout_ms to at most 100"}},
        Expectation{"TheDefaultTimeoutBeyondTheInterval",
                    check("{type='tcp', port=1, interval_ms=@100}"),
                    {"timeout_ms (500 by default) exceeds interval_ms (100)"}},
        Expectation{"ARingSizeThatIsNotAPrime",
                    kPort + pool("'a'", "") + "ring_slots = @65536\n",
                    {"ring_slots (65536) is not a prime number; the nearest ones are 65521 and "
                     "65537"}},
        Expectation{"ARingSizeJustBelowTheLargestOne",
                    kPort + pool("'a'", "") + "ring_slots = @655372\n",
                    {"the nearest ones are 655357 and 655373"}},
        Expectation{"ARingSizeOutOfBounds",
                    kPort + pool("'a'", "") + "ring_slots = @250\n" + pool("'b'", "") +
                        "ring_slots = @655374\n",
                    {"ring_slots", "ring_slots"}},
        Expectation{"AFastIntervalBeyondTheInterval",
                    check("{type='tcp', port=1, fast_interval_ms=@1001}"),
                    {"fast_interval_ms (1001) exceeds interval_ms (1000)"}},
        Expectation{"ATunnelOfAPoolWithoutAService",
                    check("{type='tcp', port=1, via=@'tunnel'}"),
                    {"via = \"tunnel\" is not possible: no service uses the pool"}},
        Expectation{"ATunnelFromAPortThatTheKernelDoesNotHave",
                    "[[port]]\nname='uplink'\ndriver='vdev'\ndevice='net_null0'\n"
                    "kernel_interface=''\n[[pool]]\nname='web'\n"
                    "check={type='tcp', port=1, via=@'tunnel'}\n" +
                        service("'web'", "80"),
                    {"via = \"tunnel\" is not possible: port 'uplink' has no kernel interface"}},
        Expectation{"AnHttpRequestOfATcpCheck",
                    check("{type='tcp', port=1, path=@'/', contains=@'x'}"),
                    {"'path' is for checks of type \"http\" and \"https\" only",
                     "'contains' is for checks of type \"http\" and \"https\" only"}},
        Expectation{"ATextOfAnHttpCheck",
                    check("{type='https', port=1, send=@'x'}"),
                    {"'send' is for checks of type \"tcp\" and \"udp\" only"}},
        Expectation{"ACertificateOfAnHttpCheck",
                    check("{type='http', port=1, verify=@true}"),
                    {"'verify' is for checks of type \"https\" only"}},
        Expectation{"ARelativeCaFile",
                    check("{type='https', port=1, ca_file=@'ca.pem'}"),
                    {"ca_file 'ca.pem' is not an absolute path"}},
        Expectation{"AMysqlCheckWithoutAUser",
                    kPort + "[[pool]]\nname='a'\ncheck=@{type='mysql', port=1}\n",
                    {"a check of type \"mysql\" needs 'user'"}},
        Expectation{"ADnsCheckWithoutAName",
                    kPort + "[[pool]]\nname='a'\ncheck=@{type='dns', port=1}\n",
                    {"a check of type \"dns\" needs 'name'"}},
        Expectation{"AScriptWithoutACommand",
                    kPort + "[[pool]]\nname='a'\ncheck=@{type='script'}\n",
                    {"a check of type \"script\" needs 'command'"}},
        Expectation{"ARelativeCommand",
                    check("{type='script', command=@['check']}"),
                    {"'command' is a list of a program's absolute path and its arguments"}},
        Expectation{"KeysOfOtherTypes",
                    check("{type='tcp', port=1, user=@'x', allow_donor=@true, "
                          "handshake_interval_ms=@10, record=@'A'}"),
                    {"'user' is for checks of type \"mysql\" only",
                     "'allow_donor' is for checks of type \"mysql\" only",
                     "'handshake_interval_ms' is for checks of type \"amqp\" only",
                     "'record' is for checks of type \"dns\" only"}},
        Expectation{"AnAnswerThatIsNoSuccess",
                    check("{type='dns', port=1, name='.', expect_rcode='REFUSED', "
                          "expect_answer=@'10.0.0.1'}"),
                    {"'expect_answer' has no use with expect_rcode = \"REFUSED\""}},
        Expectation{"APlaceOfACheckThatIsNot",
                    kPort + pool("'a'",
                                 "{name='x', address='10.0.0.1', check_address=@'10.9.0.1'},\n"
                                 "{name='y', address='10.0.0.2', check_port=@81}"),
                    {"backend 'x' says where it is checked, but pool 'a' has no check; add one",
                     "backend 'y' says where it is checked, but pool 'a' has no check; add one"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    Services, CheckBalancing,
    ::testing::Values(
        Expectation{"TwoOfOneName",
                    kPort + kPool + service("'a'", "1") + service("@'a'", "2"),
                    {"two services are named 'a', the other in line 12"}},
        Expectation{"AnUnknownPool",
                    kPort + kPool +
                        "[[service]]\nname='a'\nvip='10.0.0.100'\nprotocol='tcp'\n"
                        "port=80\npool=@'wep'\n",
                    {"there is no pool named 'wep'; did you mean 'web'?"}},
        Expectation{"OnePortTwice",
                    kPort + kPool + service("'a'", "80") + service("'b'", "@80"),
                    {"service 'b' overlaps service 'a' (line 15): both take tcp port 80 of VIP "
                     "10.0.0.100"}},
        Expectation{"OverlappingRanges",
                    kPort + kPool + service("'a'", "'80-90'") + service("'b'", "@'85-100'"),
                    {"both take tcp ports 85-90 of VIP 10.0.0.100"}},
        Expectation{"TheLaterServiceEvenIfItHasTheLowerPorts",
                    kPort + kPool + service("'a'", "'80-90'") + service("'b'", "@'1-80'"),
                    {"service 'b' overlaps service 'a' (line 15): both take tcp port 80"}},
        Expectation{
            "AnyPortTwice",
            kPort + kPool + service("'a'", "'any'", "'udp'") + service("'b'", "@'any'", "'udp'"),
            {"both take udp any port"}},
        Expectation{
            "EveryServiceInsideAWideOne",
            kPort + kPool + service("'a'", "'any'") + service("'b'", "@1") + service("'c'", "@9"),
            {"service 'b' overlaps service 'a'", "service 'c' overlaps service 'a'"}}),
    sentence);

// Two gateways would answer for one VIP.
INSTANTIATE_TEST_SUITE_P(
    Ownership, CheckBalancing,
    ::testing::Values(
        Expectation{"AVipOutsideAllGroups",
                    kPort + kPool + kGroup + service("'a'", "80") +
                        service("'b'", "80", "'tcp'", "@'10.0.0.101'"),
                    {"VIP 10.0.0.101 of service 'b' is in no group"}},
        Expectation{"AVipOutsideAllGroupsOnceForAllItsServices",
                    kPort + kPool + kGroup + service("'a'", "80", "'tcp'", "@'10.0.0.101'") +
                        service("'b'", "81", "'tcp'", "'10.0.0.101'"),
                    {"VIP 10.0.0.101 of service 'a' is in no group"}},
        Expectation{"AnAlwaysOwnedVipInAGroup",
                    kPort + kPool + kGroup + service("'a'", "80") + "always_owned = @true\n",
                    {"service 'a' has always_owned = true, but its VIP 10.0.0.100 is in the group "
                     "of line 15"}},
        Expectation{"AVipThatOnlyOneOfItsServicesHasAlwaysOwned",
                    kPort + kPool + kGroup + service("'a'", "80", "'tcp'", "'10.0.0.101'") +
                        "always_owned = true\n" + service("'b'", "81", "'tcp'", "@'10.0.0.101'"),
                    {"VIP 10.0.0.101 of service 'b' is in no group"}}),
    sentence);

TEST(CheckServices, AVipMayBeAlwaysOwnedOrInNoGroupIfThereAreNone) {
    EXPECT_TRUE(load_good(kPort + kPool + kGroup + service("'a'", "80", "'tcp'", "'10.0.0.101'") +
                          "always_owned = true\n")
                    .services[0]
                    .always_owned);
    EXPECT_FALSE(load_good(kPort + kPool + kService).services[0].always_owned);
    EXPECT_TRUE(
        load_good(kPort + kPool + kService + "always_owned = true\n").services[0].always_owned);
}

INSTANTIATE_TEST_SUITE_P(
    Forwarding, CheckBalancing,
    ::testing::Values(Expectation{
        "L2BetweenFamilies",
        kPort + pool("'web'", "{name='x', address='fd00::1'}") + kService + "forward = @'l2'\n",
        {"forward = \"l2\" cannot take packets of 10.0.0.100 to backend fd00::1 (line 9)"}}),
    sentence);

INSTANTIATE_TEST_SUITE_P(
    OfThe, CheckWarnings,
    ::testing::Values(
        Expectation{"NothingAtAll", kPort + kPool + kService, {}},
        Expectation{"EmptyPool",
                    kPort + "@[[pool]]\nname='web'\n" + kService,
                    {"pool 'web' has no backends: its services drop everything"}},
        Expectation{"PoolWhoseBackendsAllHaveWeight0",
                    kPort +
                        "@[[pool]]\nname='web'\nbackend=[{name='a', address='10.0.0.1', "
                        "weight=0}]\n" +
                        kService,
                    {"all backends of pool 'web' have weight 0: none takes new flows"}},
        Expectation{"BackendsWithLessThanOneSlot",
                    kPort +
                        "[[pool]]\nname='web'\nring_slots=@251\nbackend=[{name='a', "
                        "address='10.0.0.1', weight=251}, {name='b', address='10.0.0.2', "
                        "weight=1}]\n" +
                        kService,
                    {"backend 'b' has a share of less than one of the 251 slots of pool 'web', and "
                     "may get no connections; raise ring_slots, or its weight"}},
        Expectation{"ABackendWithOneSlot",
                    kPort +
                        "[[pool]]\nname='web'\nring_slots=251\nbackend=[{name='a', "
                        "address='10.0.0.1', weight=250}, {name='b', address='10.0.0.2', "
                        "weight=1}, {name='c', address='10.0.0.3', weight=0}]\n" +
                        kService,
                    {}},
        Expectation{"UnusedPool",
                    kPort + kPool + kService +
                        "@[[pool]]\nname='db'\nbackend=[{name='a', "
                        "address='10.0.0.1'}]\n",
                    {"no service uses pool 'db'"}},
        Expectation{"MtuThatMayBeTooSmallForIpv6",
                    kPort + "mtu = @1331\n" + kPool + service("'a'", "80", "'tcp'", "'fd00::100'"),
                    {"mtu = 1331 may not leave IPv6 services the 1280 bytes that every IPv6 link "
                     "has to carry, once encapsulated; set mtu = 1332 or more"}},
        Expectation{"NoMtuThatIsLargeEnoughForIpv6",
                    kPort + "mtu = 1332\n" + kPool + service("'a'", "80", "'tcp'", "'fd00::100'"),
                    {}}),
    sentence);

TEST(CheckServices, MayShareAVipWithOtherPortsOrProtocols) {
    const Config config =
        load_good(kPort + kPool + service("'a'", "80") + service("'b'", "'81-90'") +
                  service("'c'", "80", "'udp'") + service("'d'", "80", "'tcp'", "'10.0.0.101'"));
    EXPECT_EQ(config.services.size(), 4u);
}

TEST(CheckServices, MayHaveBackendsOfTheOtherFamily) {
    const Config config =
        load_good(kPort + kPool + pool("'six'", "{name='x', address='fd00::1'}") +
                  service("'a'", "80", "'tcp'", "'fd00::100'") + kService + "forward = 'gue'\n" +
                  "[[service]]\nname='c'\nvip='fd00::101'\nprotocol='udp'\nport=53\n"
                  "pool='six'\nforward='l2'\n");
    EXPECT_EQ(config.services.size(), 3u);
}

TEST(CheckGroups, MayHaveOneIdOnTwoPorts) {
    const Config config = load_good(kPort + "[[port]]\nname='b'\ndevice='eth2'\ndriver='af_xdp'\n" +
                                    group("'a'", "1", "['10.0.0.8']") +
                                    "[[group]]\nname='b'\nport='b'\nid=1\nvips=['10.0.0.9']\n");
    EXPECT_EQ(config.groups.size(), 2u);
}

TEST(CheckPools, MayShareBackendAddressesAndNames) {
    const Config config = load_good(kPort + pool("'a'", "{name='x', address='10.0.0.1'}") +
                                    pool("'b'", "{name='x', address='10.0.0.1'}"));
    EXPECT_EQ(config.pools.size(), 2u);
}

}  // namespace
}  // namespace vipfwd::config::testing
