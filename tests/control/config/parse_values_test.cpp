// SPDX-License-Identifier: Apache-2.0
// The configuration that a valid file becomes.
#include <gtest/gtest.h>

#include "dataplane/abi/address_text.h"
#include "tests/control/config/expectation.h"

namespace vipfwd::config::testing {
namespace {

TEST(ParseValues, LeavesDefaultsOfAbsentKeys) {
    const Config config = load_good(kPort + kPool + kService);
    EXPECT_EQ(config.gateway.name, "gateway");
    EXPECT_EQ(config.gateway.gue_port, 6080);
    EXPECT_EQ(config.gateway.peer_port, 9871);
    EXPECT_EQ(config.gateway.key, std::nullopt);
    EXPECT_FALSE(config.gateway.random_seed);
    EXPECT_EQ(config.dataplane.workers, 1u);
    EXPECT_EQ(config.dataplane.flows_per_worker, 1u << 20);
    EXPECT_EQ(config.dataplane.memory, abi::Memory::kHugepages);
    EXPECT_EQ(config.dataplane.flow_timeouts,
              (abi::FlowTimeouts{
                  .opening_s = 60, .established_s = 7440, .closing_s = 240, .udp_s = 300}));
    EXPECT_EQ(config.dataplane.new_flows_per_s, (1u << 20) / 10);
    EXPECT_EQ(config.dataplane.service_share_percent, 50);
    EXPECT_EQ(config.ports[0].queues, 1u);
    EXPECT_EQ(config.ports[0].mtu, 0u);
    EXPECT_EQ(config.ports[0].vlan, 0);
    EXPECT_EQ(config.ports[0].outer_vlan, 0);
    EXPECT_TRUE(config.ports[0].tunnel_sources.empty());
    EXPECT_EQ(config.ports[0].kernel_interface, "") << "it has one already";
    EXPECT_EQ(config.ports[0].kernel_limit_pps, 20'000u);
    EXPECT_EQ(config.services[0].affinity, abi::Affinity::kNone);
    EXPECT_FALSE(config.ports[0].mac.has_value());
    EXPECT_EQ(config.pools[0].check.type, CheckType::kNone);
    EXPECT_EQ(config.pools[0].backends[0].weight, 100u);
    EXPECT_EQ(config.services[0].forward, abi::Forward::kIpip);
}

TEST(ParseValues, TakesThePolicyOfAPool) {
    const std::string backends =
        "backend=[{name='a', address='10.0.0.11'}, "
        "{name='b', address='10.0.0.12', tier=2}]\n";
    const Pool defaults = load_good(kPort + "[[pool]]\nname='web'\n" + backends).pools[0];
    EXPECT_FALSE(defaults.min_up.is_given());
    EXPECT_EQ(defaults.mode, PoolMode::kSpread);
    EXPECT_FALSE(defaults.failback);
    EXPECT_EQ(defaults.slow_start_ms, 0u);
    EXPECT_EQ(defaults.backends[0].tier, 1u);
    EXPECT_EQ(defaults.backends[1].tier, 2u);
    const Pool counted = load_good(kPort +
                                   "[[pool]]\nname='web'\nmin_up=2\nmode='spread'\n"
                                   "slow_start_ms=30000\n" +
                                   backends)
                             .pools[0];
    EXPECT_EQ(counted.min_up, (MinUp{.count = 2}));
    EXPECT_EQ(counted.slow_start_ms, 30'000u);
    EXPECT_EQ(load_good(kPort + "[[pool]]\nname='web'\nmin_up='50%'\n" + backends).pools[0].min_up,
              (MinUp{.percent = 50}));
    const Pool first = load_good(kPort +
                                 "[[pool]]\nname='db'\nmode='first'\nfailback=true\n"
                                 "backend=[{name='a', address='10.0.0.11'}]\n")
                           .pools[0];
    EXPECT_EQ(first.mode, PoolMode::kFirst);
    EXPECT_TRUE(first.failback);
}

TEST(ParseValues, TakesAllKeysOfAnHttpsCheck) {
    const Pool pool = load_good(kPort +
                                "[[pool]]\nname='web'\non_down='keep'\n"
                                "check={type='https', port=443, path='/up', host='api.example', "
                                "expect='200-299,404', contains='ok', verify=false, "
                                "ca_file='/etc/ca.pem', interval_ms=2000, fast_interval_ms=100, "
                                "timeout_ms=1500, rise=4, fall=5, agent_port=9999}\n")
                          .pools[0];
    EXPECT_EQ(pool.on_down, OnDown::kKeep);
    EXPECT_EQ(pool.check, (Check{.type = CheckType::kHttps,
                                 .port = 443,
                                 .interval_ms = 2000,
                                 .fast_interval_ms = 100,
                                 .timeout_ms = 1500,
                                 .rise = 4,
                                 .fall = 5,
                                 .agent_port = 9999,
                                 .path = "/up",
                                 .host = "api.example",
                                 .expect = {{200, 299}, {404, 404}},
                                 .contains = "ok",
                                 .verify = false,
                                 .ca_file = "/etc/ca.pem"}));
}

TEST(ParseValues, TakesTheTextsOfATcpCheck) {
    const Check check = load_good(kPort +
                                  "[[pool]]\nname='web'\ncheck={type='tcp', port=1, "
                                  "send=\"PING\\r\\n\", receive='PONG'}\n")
                            .pools[0]
                            .check;
    EXPECT_EQ(check.send, "PING\r\n");
    EXPECT_EQ(check.receive, "PONG");
}

TEST(ParseValues, TakesTheKeysOfAMysqlCheck) {
    const Check check = load_good(kPort +
                                  "[[pool]]\nname='db'\ncheck={type='mysql', port=3306, "
                                  "user='vipfwd', allow_donor=true, allow_read_only=true}\n")
                            .pools[0]
                            .check;
    EXPECT_EQ(check.type, CheckType::kMysql);
    EXPECT_EQ(check.user, "vipfwd");
    EXPECT_TRUE(check.allow_donor);
    EXPECT_TRUE(check.allow_read_only);
}

TEST(ParseValues, TakesTheKeysOfADnsCheck) {
    const Check check = load_good(kPort +
                                  "[[pool]]\nname='dns'\ncheck={type='dns', port=53, "
                                  "name='example.org.', record='SOA', expect_rcode='NOERROR', "
                                  "expect_answer='ns.example.org'}\n")
                            .pools[0]
                            .check;
    EXPECT_EQ(check.name, "example.org") << "without the dot at its end";
    EXPECT_EQ(check.record, DnsType::kSoa);
    EXPECT_EQ(check.expect_rcode, DnsRcode::kNoError);
    EXPECT_EQ(check.expect_answer, "ns.example.org");
}

TEST(ParseValues, TakesTheCommandOfAScriptWhichNeedsNoPort) {
    const Check check = load_good(kPort +
                                  "[[pool]]\nname='web'\ncheck={type='script', "
                                  "command=['/bin/true', '-q']}\n")
                            .pools[0]
                            .check;
    EXPECT_EQ(check.command, (std::vector<std::string>{"/bin/true", "-q"}));
    EXPECT_EQ(check.port, 0);
    EXPECT_FALSE(check.run_as);
}

TEST(ParseValues, TakesTheIntervalOfAmqpHandshakes) {
    const auto interval_ms = [](const std::string& keys) {
        return load_good(kPort + "[[pool]]\nname='mq'\ncheck={type='amqp', port=5672" + keys +
                         "}\n")
            .pools[0]
            .check.handshake_interval_ms;
    };
    EXPECT_EQ(interval_ms(""), 10'000u);
    EXPECT_EQ(interval_ms(", handshake_interval_ms=60_000"), 60'000u);
}

TEST(ParseValues, TakesWhereABackendIsChecked) {
    const Backend backend =
        load_good(kPort +
                  "[[pool]]\nname='web'\ncheck={type='udp', port=1, send='x'}\nbackend=[{name='a', "
                  "address='10.0.0.1', check_address='10.9.0.1', check_port=81}]\n")
            .pools[0]
            .backends[0];
    EXPECT_EQ(to_string(backend.check_address.value()), "10.9.0.1");
    EXPECT_EQ(backend.check_port, 81);
}

TEST(ParseValues, AChecksDefaultWayIsThatOfClientsIfItCanBe) {
    const std::string pool = "[[pool]]\nname='web'\ncheck={type='tcp', port=1}\n";
    const auto way = [](const std::string& text) { return load_good(text).pools[0].check.via; };
    EXPECT_EQ(way(kPort + pool + kService), Via::kTunnel);
    EXPECT_EQ(way(kPort + pool), Via::kDirect) << "no service has a VIP for it";
    const std::string whole = "[[port]]\nname='uplink'\ndriver='pci'\ndevice='0000:01:00.0'\n";
    EXPECT_EQ(way(whole + pool + kService), Via::kTunnel);
    EXPECT_EQ(way(whole + "kernel_interface=''\n" + pool + kService), Via::kDirect);
    EXPECT_EQ(
        way(kPort + "[[pool]]\nname='web'\ncheck={type='tcp', port=1, via='direct'}\n" + kService),
        Via::kDirect);
}

TEST(ParseValues, TheFastIntervalIsAtMostTheInterval) {
    const auto fast_interval_ms = [](const std::string& keys) {
        return load_good(kPort + "[[pool]]\nname='web'\ncheck={type='tcp', port=1, " + keys + "}\n")
            .pools[0]
            .check.fast_interval_ms;
    };
    EXPECT_EQ(fast_interval_ms("rise=1"), 200u);
    EXPECT_EQ(fast_interval_ms("interval_ms=100, timeout_ms=50"), 100u);
}

TEST(ParseValues, TakesThePortBetweenGatewaysOrNone) {
    const auto port = [](const std::string& number) {
        return load_good(kPort + "[gateway]\npeer_port = " + number + "\n").gateway.peer_port;
    };
    EXPECT_EQ(port("0"), 0);
    EXPECT_EQ(port("65535"), 65535);
}

TEST(ParseValues, TakesTheNumberOfControlsThreads) {
    EXPECT_EQ(load_good(kPort).control.threads, 0u) << "as many as there are CPUs";
    EXPECT_EQ(load_good(kPort + "[control]\nthreads = 3\n").control.threads, 3u);
}

TEST(ParseValues, TakesEachFlowTimeoutByItself) {
    const Config config =
        load_good(kPort + "[dataplane]\nflow_timeouts = { established_s = 21_600, udp_s = 1 }\n");
    EXPECT_EQ(config.dataplane.flow_timeouts, (abi::FlowTimeouts{60, 21'600, 240, 1}));
}

TEST(ParseValues, LimitsNewFlowsToATenthOfTheTableByDefault) {
    const auto limit = [](const std::string& more) {
        return load_good(kPort + "[dataplane]\nflows_per_worker = 2048\n" + more)
            .dataplane.new_flows_per_s;
    };
    EXPECT_EQ(limit(""), 204u);
    EXPECT_EQ(limit("new_flows_per_s = 0\n"), 0u);
    EXPECT_EQ(limit("new_flows_per_s = 4_000_000_000\n"), 4'000'000'000u);
}

TEST(ParseValues, TakesTheShareOfAService) {
    const auto share = [](const std::string& percent) {
        return load_good(kPort + "[dataplane]\nservice_share_percent = " + percent + "\n")
            .dataplane.service_share_percent;
    };
    EXPECT_EQ(share("1"), 1);
    EXPECT_EQ(share("100"), 100);
}

TEST(ParseValues, TakesAPortsVlansAndTunnelSources) {
    const Port port = load_good(kPort +
                                "vlan = 100\nouter_vlan = 4094\n"
                                "tunnel_source = ['10.99.0.0/16', 'fd00:1::/96']\n")
                          .ports[0];
    EXPECT_EQ(port.vlan, 100);
    EXPECT_EQ(port.outer_vlan, 4094);
    ASSERT_EQ(port.tunnel_sources.size(), 2u);
    EXPECT_EQ(to_string(port.tunnel_sources[1].address), "fd00:1::");
    EXPECT_EQ(port.tunnel_sources[1].prefix_length, 96u);
}

TEST(ParseValues, TakesAServicesAffinityAndPinning) {
    const auto load_service = [](const std::string& lines) {
        return load_good(kPort + kPool + kService + lines).services[0];
    };
    EXPECT_EQ(load_service("affinity = 'source'\n").affinity, abi::Affinity::kSource);
    EXPECT_EQ(load_service("affinity = 'none'\n").affinity, abi::Affinity::kNone);
    EXPECT_TRUE(load_service("").pin_flows);
    EXPECT_FALSE(load_service("pin_flows = false\n").pin_flows);
    EXPECT_EQ(load_service("forward = 'gue'\n").forward, abi::Forward::kGue);
    EXPECT_EQ(load_service("forward = 'l2'\n").forward, abi::Forward::kL2);
}

TEST(ParseValues, TakesBackendsAsInlineTablesAndAsTables) {
    const Config config = load_good(
        kPort + "[[pool]]\nname='a'\nbackend=[{name='x', address='10.0.0.1', weight=7}]\n" +
        "[[pool]]\nname='b'\n[[pool.backend]]\nname='x'\naddress='10.0.0.1'\nweight=7\n");
    ASSERT_EQ(config.pools.size(), 2u);
    for (const Pool& pool : config.pools) {
        ASSERT_EQ(pool.backends.size(), 1u);
        EXPECT_EQ(pool.backends[0].name, "x");
        EXPECT_EQ(to_string(pool.backends[0].address), "10.0.0.1");
        EXPECT_EQ(pool.backends[0].weight, 7u);
    }
}

TEST(ParseValues, TakesTheSizeOfAPoolsRing) {
    const auto slots = [](const std::string& line) {
        return load_good(kPort + "[[pool]]\nname='a'\n" + line).pools[0].ring_slots;
    };
    EXPECT_EQ(slots(""), 65537u);
    EXPECT_EQ(slots("ring_slots = 251\n"), 251u);
    EXPECT_EQ(slots("ring_slots = 655_373\n"), 655373u);
}

TEST(ParseValues, TakesServicePortsAsIntegerRangeAndAny) {
    const std::string head = "\n[[service]]\nprotocol='tcp'\npool='web'\n";
    const Config config = load_good(kPort + kPool +                                      //
                                    head + "name='a'\nvip='10.0.0.1'\nport=8_080\n" +    //
                                    head + "name='b'\nvip='10.0.0.2'\nport='80-90'\n" +  //
                                    head + "name='c'\nvip='10.0.0.3'\nport='any'\n");
    EXPECT_EQ(config.services[0].port_first, 8080);
    EXPECT_EQ(config.services[0].port_last, 8080);
    EXPECT_EQ(config.services[1].port_first, 80);
    EXPECT_EQ(config.services[1].port_last, 90);
    EXPECT_EQ(config.services[2].port_first, 0);
    EXPECT_EQ(config.services[2].port_last, 65535);
}

TEST(ParseValues, CountsWorkersByTheirLcores) {
    const Config config = load_good(kPort + "queues = 3\n[dataplane]\nlcores = [2, 3, 7]\n");
    EXPECT_EQ(config.dataplane.workers, 3u);
    EXPECT_EQ(config.dataplane.lcores, (std::vector<std::uint32_t>{2, 3, 7}));
}

TEST(ParseValues, ResolvesPoolsToIndices) {
    const Config config = load_good(kPort + "[[pool]]\nname = 'first'\n" + kPool + kService);
    EXPECT_EQ(config.services[0].pool, 1u);
    EXPECT_EQ(config.pools[1].name, "web");
}

TEST(ParseValues, KeepsThePlacesOfTables) {
    const Config config = load_good(kPort + kPool);
    EXPECT_EQ(config.ports[0].where.line, 2u);
    EXPECT_EQ(config.pools[0].where.line, 7u);
    EXPECT_EQ(config.pools[0].backends[0].where.column, 12u);
}

TEST(ParseValues, TakesEmptyTextAsAFileWithoutPorts) {
    const LoadOutcome outcome = load_text("", "test.toml");
    ASSERT_EQ(outcome.diagnostics.size(), 1u);
    EXPECT_EQ(to_string(outcome.diagnostics[0], "test.toml"),
              "test.toml: error: there is no port; add a [[port]] with name, device and driver");
}

}  // namespace
}  // namespace vipfwd::config::testing
