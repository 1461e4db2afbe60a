// SPDX-License-Identifier: Apache-2.0
#include "control/cli/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "control/cli/field.h"
#include "control/cli/units.h"

namespace vipfwd::cli {
namespace {

using protocol::Command;

// As it is printed where there is room.
std::string format(Command command, const Json& result) {
    return cli::format(command, result, Layout{});
}

Json parse(const char* text) {
    return Json::parse(text);
}

TEST(Format, Groups) {
    EXPECT_EQ(format(Command::kShowGroups, Json::array()), "no groups\n");
    EXPECT_EQ(
        format(Command::kShowGroups, parse(R"([{
        "name": "edge", "port": "uplink", "id": 51, "state": "down", "state_age_ms": 1500,
        "cause": "tracking", "owner": null,
        "priority": {"effective": 0, "configured": 200, "chosen": null,
                     "tracks": [{"track": "process haproxy", "state": "bad",
                                 "failure": "exit status 1", "weight": -30, "contribution": -30}],
                     "hindrances": ["the link of its port is down"]},
        "authentication": {"mode": "required", "unverified": 3}, "vips": 1000, "heard": null,
        "kernel_address": {"present": 1, "repairs": 2, "problem": "not permitted"}, "adverts_received": 1234,
        "discards": {"ttl": 0, "checksum": 2},
        "warnings": [{"reason": "version", "source": "10.0.0.2", "count": 1234, "age_ms": 40,
                      "text": "10.0.0.2 advertises with VRRP version 2"}],
        "transitions": [{"age_ms": 1500, "from": "active", "to": "down", "cause": "tracking"}]},
        {"name": "old"}])")),
        "GROUP  PORT    ID  STATE  STATE AGE  CAUSE     OWNER  PRIORITY  CONFIGURED  OVERRIDE   "
        "VIPS  PEER  PEER PRIORITY  PEER VIPS  HEARD AGO  ADVERTS  AUTH      UNVERIFIED\n"
        "edge   uplink  51  down    1,500 ms  tracking  -             0         200         -  "
        "1,000  -                 -  -                  -    1,234  required           3\n"
        "old    -        -  -              -  -         -             -           -         -  "
        "    -  -                 -  -                  -        -  -                  -\n"
        "\n"
        "GROUP    AGO  TIMES  WARNING\n"
        "edge   40 ms  1,234  10.0.0.2 advertises with VRRP version 2\n"
        "\n"
        "GROUP  INELIGIBLE BECAUSE\n"
        "edge   the link of its port is down\n"
        "\n"
        "GROUP  TRACK            STATE  WEIGHT  CONTRIBUTION  FAILURE\n"
        "edge   process haproxy  bad       -30           -30  exit status 1\n"
        "\n"
        "GROUP  VIPS IN THE KERNEL  REPAIRS  PROBLEM\n"
        "edge                    1        2  not permitted\n"
        "\n"
        "GROUP       AGO  FROM    TO    CAUSE\n"
        "edge   1,500 ms  active  down  tracking\n"
        "\n"
        "GROUP  DISCARD REASON  ADVERTS\n"
        "edge   checksum              2\n");
}

TEST(Format, Status) {
    EXPECT_EQ(format(Command::kShowStatus, parse(R"({
        "verdict": "degraded", "reasons": ["group 'edge': one", "group 'edge': two"],
        "gateway": "gw1", "version": "0.1.0", "uptime_s": 3700,
        "config": {"path": "/etc/vipfwd/vipfwd.toml",
                   "warnings": ["/etc/vipfwd/vipfwd.toml:3:1: warning: checks are not run yet"]},
        "generation": 7, "region": {"id": "0123456789abcdef"},
        "dataplane": {"connected": true, "ready": true, "pid": 4711, "acknowledged_generation": 6,
                      "last_change": {"generation": 6, "published_us": 900,
                                      "acknowledged_us": 2148},
                      "publish_pending": true, "rejected": {"generation": 5, "reason": "checksum"},
                      "restart_needed": true, "uptime_s": 65},
        "warnings": ["group 'edge': one", "group 'edge': two"],
        "totals": {"received": 1234567, "forwarded": 1234000, "to_kernel": 500, "answered": 60,
                   "dropped": 7, "transmitted": 1234060},
        "bytes": {"received": 1048576, "forwarded": 1000000, "transmitted": 512},
        "vips": [{"address": "10.0.0.100", "owned": true, "group": "edge"},
                 {"address": "10.0.0.101", "owned": false, "group": null}]})")),
              "status      degraded\n"
              "            group 'edge': one\n"
              "            group 'edge': two\n"
              "gateway     gw1\n"
              "control     version 0.1.0, up 1 h 1 min\n"
              "config      /etc/vipfwd/vipfwd.toml\n"
              "            /etc/vipfwd/vipfwd.toml:3:1: warning: checks are not run yet\n"
              "region      0123456789abcdef\n"
              "generation  7\n"
              "dataplane   running, pid 4711, up 1 min 5 s, forwarding with generation 6\n"
              "            generation 6 was in use 2.1 ms after the change that it serves\n"
              "            a new generation waits until the dataplane can take it\n"
              "            restart vipfwd-dataplane to apply changed ports or workers\n"
              "            the dataplane rejected generation 5: checksum\n"
              "\n"
              "TOTAL          PACKETS      BYTES\n"
              "received     1,234,567    1.0 MiB\n"
              "forwarded    1,234,000  976.6 KiB\n"
              "to kernel          500\n"
              "answered            60\n"
              "dropped              7\n"
              "transmitted  1,234,060      512 B\n"
              "\n"
              "VIP         OWNED  GROUP\n"
              "10.0.0.100  yes    edge\n"
              "10.0.0.101  no     -\n");
}

TEST(Format, StatusWithoutADataplaneSaysWhatToCheck) {
    const std::string text = format(Command::kShowStatus, parse(R"({
        "gateway": "gw1", "region": null, "generation": 0, "dataplane": {"connected": false},
        "vips": []})"));
    EXPECT_NE(text.find("dataplane   not connected; is vipfwd-dataplane running?\n"),
              std::string::npos);
    EXPECT_NE(text.find("region      -\n"), std::string::npos);
    EXPECT_NE(text.find("no VIPs\n"), std::string::npos);
}

TEST(Format, Services) {
    EXPECT_EQ(
        format(Command::kShowServices, parse(R"([{
        "name": "web", "vip": "10.0.0.100", "protocol": "tcp", "port": "8000-8099", "pool": "web",
        "forward": "ipip", "affinity": "source", "pin_flows": true,
        "backends": {"serving": 2, "draining": 1, "down": 3, "total": 6},
        "packets": 12345, "bytes": 2048}])")),
        "SERVICE  VIP         PROTOCOL  PORT       POOL  FORWARD  AFFINITY  PIN FLOWS  BACKENDS"
        "  SERVING  DRAINING  DOWN  PACKETS    BYTES\n"
        "web      10.0.0.100  tcp       8000-8099  web   ipip     source    yes               6"
        "        2         1     3   12,345  2.0 KiB\n");
}

TEST(Format, Backends) {
    EXPECT_EQ(format(Command::kShowBackends, parse(R"([
        {"pool": "web", "name": "web1", "address": "10.0.0.11", "weight": 100, "state": "serving",
         "admin": "ready", "slots": 65537, "share": 1.0, "next_hop": {"resolved": true, "mac": "02:00:00:00:00:11",
         "port": "uplink", "state": "reachable"}, "packets": 1, "bytes": 60},
        {"pool": "web", "name": "web2", "address": "10.0.0.12", "weight": 0, "state": "draining",
         "admin": "drain", "slots": 0, "share": 0.0, "next_hop": {"resolved": false, "mac": null,
         "port": null, "state": "resolving"}, "packets": 0, "bytes": 0}])")),
              "POOL  BACKEND  ADDRESS    WEIGHT  STATE     ADMIN   SLOTS    SHARE  NEXT HOP"
              "           PORT    HOP STATE  PACKETS  BYTES\n"
              "web   web1     10.0.0.11     100  serving   ready  65,537  100.0 %  "
              "02:00:00:00:00:11  uplink  reachable        1   60 B\n"
              "web   web2     10.0.0.12       0  draining  drain       0    0.0 %  -"
              "                  -       resolving        0    0 B\n");
}

TEST(Format, Ports) {
    EXPECT_EQ(format(Command::kShowPorts, parse(R"([{
        "name": "nic", "device": "0000:01:00.0", "driver": "pci", "queues": 1, "addresses": [],
        "vlan": 100, "outer_vlan": null, "kernel_interface": "tap0", "state": "up",
        "mac": "02:00:00:00:00:01", "mtu": 1500, "received": {"packets": 1, "bytes": 60},
        "transmitted": {"packets": 2, "bytes": 120}, "missed": 3, "receive_errors": 4,
        "transmit_errors": 5, "configured": true}])")),
              "PORT  DEVICE        DRIVER  STATE  MAC                 MTU  VLAN  OUTER VLAN  "
              "KERNEL INTERFACE  PACKETS IN  BYTES IN  PACKETS OUT  BYTES OUT  MISSED  ERRORS IN  "
              "ERRORS OUT\n"
              "nic   0000:01:00.0  pci     up     02:00:00:00:00:01  1500   100           -  "
              "tap0                       1      60 B            2      120 B       3          4  "
              "         5\n");
}

TEST(Format, Workers) {
    EXPECT_EQ(format(Command::kShowWorkers, parse(R"([{
        "worker": 0, "lcore": 2, "alive": true, "heartbeat_age_ms": 1, "generation": 7,
        "received": 1, "forwarded": 2, "to_kernel": 3, "answered": 4, "dropped": 5,
        "handed_in": 6, "handed_out": 7, "held": 8, "split_frames": 9, "own_frames": 15, "transmitted": 10,
        "too_big_answers": 11, "icmp_small_mtu": 12, "bytes": {"received": 13},
        "flows": {"over_budget": 14}, "polls": 100, "busy": 0.5, "busy_mean": 0.25}])")),
              "WORKER  LCORE  ALIVE  HEARTBEAT  GENERATION    BUSY  MEAN BUSY  PACKETS IN  "
              "FORWARDED  TO KERNEL"
              "  ANSWERED  DROPPED  HANDED IN  HANDED OUT  HELD  SPLIT  OWN  TOO BIG  SMALL MTU  "
              "BYTES IN  OVER BUDGET\n"
              "     0      2  yes         1 ms           7  50.0 %     25.0 %           1          "
              "2          3"
              "         4        5          6           7     8      9   15       11         12  "
              "    13 B           14\n");
}

TEST(Format, Drops) {
    EXPECT_EQ(format(Command::kShowDrops, parse(R"([
        {"reason": "pool_empty", "description": "the pool is empty", "packets": 5000},
        {"reason": "too_big", "description": "exceeds the MTU", "packets": 7}])")),
              "REASON      PACKETS  DESCRIPTION\n"
              "pool_empty    5,000  the pool is empty\n"
              "too_big           7  exceeds the MTU\n");
}

TEST(Format, SaysThatAListIsEmpty) {
    EXPECT_EQ(format(Command::kShowServices, Json::array()), "no services\n");
    EXPECT_EQ(format(Command::kShowBackends, Json::array()), "no backends\n");
    EXPECT_EQ(format(Command::kShowPorts, Json::array()), "no ports\n");
    EXPECT_EQ(format(Command::kShowWorkers, Json::array()),
              "no workers: no dataplane has started\n");
    EXPECT_EQ(format(Command::kShowDrops, Json::array()), "no drops\n");
}

TEST(Format, ALookupWithABackend) {
    EXPECT_EQ(format(Command::kLookup, parse(R"({
        "service": "web", "pool": "web", "forward": "ipip", "affinity": "none", "slot": 123, "ring_slots": 65537,
        "backend": "web1", "address": "10.0.0.11", "health": "up", "next_hop": {"resolved": true,
        "mac": "02:00:00:00:00:11", "port": "uplink", "state": "static"}, "why": "because"})")),
              "service   web\n"
              "pool      web\n"
              "forward   ipip\n"
              "affinity  none\n"
              "slot      123 of 65537\n"
              "backend   web1 at 10.0.0.11\n"
              "health    up\n"
              "next hop  02:00:00:00:00:11 by port uplink (static)\n"
              "why       because\n");
}

TEST(Format, ALookupWithoutABackend) {
    EXPECT_EQ(format(Command::kLookup, parse(R"({"service": null, "why": "no VIP"})")),
              "service  none\n"
              "why      no VIP\n");
    EXPECT_EQ(format(Command::kLookup, parse(R"({"service": "web", "pool": "db", "forward": "ipip",
                                         "affinity": "source", "backend": null, "why": "empty"})")),
              "service   web\n"
              "pool      db\n"
              "forward   ipip\n"
              "affinity  source\n"
              "backend   none\n"
              "why       empty\n");
}

TEST(Format, AGroupCommand) {
    EXPECT_EQ(format(Command::kGroupEnable, parse(R"({"group": "edge"})")), "group edge: done\n");
    EXPECT_EQ(format(Command::kGroupHandover, parse(R"({"group": "edge"})")),
              "group edge: handing over\n");
    EXPECT_EQ(format(Command::kGroupHandover, parse(R"({"group": "edge", "owner": null})")),
              "group edge: handed over\n");
    EXPECT_EQ(format(Command::kGroupHandover, parse(R"({"group": "edge", "owner": "10.0.0.2"})")),
              "group edge: handed over to 10.0.0.2\n");
}

TEST(Format, ABackendCommand) {
    EXPECT_EQ(format(Command::kBackendDrain, parse(R"({"pool": "web", "backend": "be1",
        "serving": 2, "backends": 3})")),
              "backend be1: done; 2 of 3 backends of pool web get new connections\n");
    EXPECT_EQ(format(Command::kBackendReady, parse(R"({"pool": "web", "backend": "be1",
        "serving": 2, "backends": 3, "peers": [
            {"gateway": "10.0.0.2", "error": null, "serving": 1, "backends": 2},
            {"gateway": "10.0.0.3", "error": "no answer"}]})")),
              "backend be1: done; 2 of 3 backends of pool web get new connections\n"
              "  at 10.0.0.2: done; 1 of 2 backends of pool web get new connections\n"
              "  at 10.0.0.3: no answer\n");
}

TEST(Format, AValidConfiguration) {
    EXPECT_EQ(format(Command::kConfigCheck, parse(R"({"path": "/a.toml", "warnings": []})")),
              "/a.toml: ok\n");
    EXPECT_EQ(format(Command::kConfigApply,
                     parse(R"({"path": "/a.toml", "warnings": ["/a.toml:3:1: warning: x"],
                               "applied": true, "changes": [], "waiting": [], "losses": []})")),
              "/a.toml:3:1: warning: x\n"
              "/a.toml: applied, with 1 warning\n"
              "nothing of what is in force changes\n");
}

TEST(Format, WhatApplyingAConfigurationChanges) {
    EXPECT_EQ(
        format(Command::kConfigApply, parse(R"({"path": "/a.toml", "warnings": [], "applied": true,
                               "changes": ["adds pool db", "adds pool web"],
                               "waiting": ["gateway: workers 1 -> 2"],
                               "losses": ["VIP 10.0.0.100 loses its last service, 'web'"]})")),
        "/a.toml: applied\n"
        "changes:\n"
        "  adds pool db\n"
        "  adds pool web\n"
        "waits for the dataplane's next start:\n"
        "  gateway: workers 1 -> 2\n"
        "takes service or connections away:\n"
        "  VIP 10.0.0.100 loses its last service, 'web'\n");
    EXPECT_EQ(
        format(Command::kConfigApply, parse(R"({"path": "/a.toml", "warnings": [], "applied": false,
                               "changes": ["adds pool db"], "waiting": [], "losses": ["x"]})")),
        "/a.toml: not applied, as asked for\n"
        "changes:\n"
        "  adds pool db\n"
        "takes service or connections away, needs --force:\n"
        "  x\n");
}

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        widest = std::max(widest, end - at);
        at = end + 1;
    }
    return widest;
}

constexpr const char* kLongServices = R"([{
    "name": "a-service-of-a-customer", "vip": "2001:db8:1234:5678::100", "protocol": "tcp",
    "port": "30000-32767", "pool": "a-pool-of-a-customer", "forward": "ipip", "affinity": "source",
    "pin_flows": true, "backends": {"serving": 200, "draining": 10, "total": 210},
    "packets": 12345678901, "bytes": 20480000000000}])";
constexpr const char* kLongBackends = R"([{
    "pool": "web", "name": "web1", "address": "2001:db8:1234:5678::11", "weight": 100,
    "state": "draining", "slots": 65537, "share": 1.0, "next_hop": {"mac": "02:00:00:00:00:11",
    "port": "uplink", "state": "unreachable"}, "packets": 12345678901, "bytes": 60}])";
constexpr const char* kLongWorkers = R"([{
    "worker": 0, "lcore": 2, "alive": true, "heartbeat_age_ms": 1, "generation": 7, "busy": 0.5,
    "busy_mean": 0.25, "received": 12345678901, "forwarded": 12345678901, "dropped": 12345678901,
    "transmitted": 12345678901}])";
constexpr const char* kLongGroups = R"([{
    "name": "edge", "port": "uplink", "id": 51, "state": "handing_over", "state_age_ms": 90000000,
    "cause": "tracking", "owner": "192.168.100.101", "priority": {"effective": 200,
    "configured": 200, "chosen": 7, "hindrances": ["the tables of the group are not in force yet, because a dataplane has to be restarted"]},
    "vips": 1000, "heard": {"source": "192.168.100.102", "priority": 100, "vips": "other",
    "age_ms": 40}, "adverts_received": 12345678,
    "warnings": [{"count": 1234, "age_ms": 90000000, "text": "192.168.100.102 advertises with VRRP version 2, and this group has version 3: its adverts do not count"}],
    "transitions": [{"age_ms": 90000000, "from": "active", "to": "handing_over", "cause": "tracking"}]}])";
constexpr const char* kLongDrops = R"([{
    "reason": "icmp_translated_mtu_too_small", "packets": 12345678901, "description": "a packet that was too big for the path and could not be answered, because the answer would not fit"}])";
constexpr const char* kLongStatus = R"({
    "verdict": "degraded", "reasons": ["group 'edge': 192.168.100.102 advertises with VRRP version 2, and this group has version 3"],
    "gateway": "gw1", "version": "0.1.0", "uptime_s": 370000, "config": {"warnings":
    ["/etc/vipfwd/vipfwd.toml:3:1: warning: no seed_file in [gateway]: hashes use a public key; give all gateways of a group the same file"]},
    "dataplane": {"connected": true, "ready": true, "pid": 4711, "uptime_s": 370000,
    "acknowledged_generation": 12345}, "vips": []})";

TEST(Format, FitsATerminal) {
    const std::pair<Command, const char*> results[] = {
        {Command::kShowServices, kLongServices}, {Command::kShowBackends, kLongBackends},
        {Command::kShowWorkers, kLongWorkers},   {Command::kShowGroups, kLongGroups},
        {Command::kShowDrops, kLongDrops},       {Command::kShowStatus, kLongStatus}};
    for (const auto& [command, result] : results) {
        const std::string wide = cli::format(command, parse(result), Layout{});
        EXPECT_GT(widest_line(wide), 80u) << wide;
        for (const std::size_t width : {60u, 80u, 120u}) {
            const std::string text =
                cli::format(command, parse(result), {.width = width, .now_s = 1'764'590'400});
            EXPECT_LE(widest_line(text), width) << text;
        }
    }
}

TEST(Format, ATerminalShowsWhatMattersMost) {
    const std::string text =
        cli::format(Command::kShowBackends, parse(kLongBackends), {.width = 80, .now_s = {}});
    for (const char* title : {"POOL", "BACKEND", "ADDRESS", "STATE", "SHARE", "HOP STATE"})
        EXPECT_NE(text.find(title), std::string::npos) << text;
    EXPECT_NE(text.find("(--wide shows "), std::string::npos) << text;
}

TEST(Format, AcceptsAnyJsonAsAResult) {
    for (const protocol::CommandInfo& info : protocol::kCommands) {
        for (const char* result :
             {"null", "7", "-7", "1.5", "true", "\"text\"", "[]", "{}", "[null, 7, [], {}, \"\"]",
              R"({"config": 7, "dataplane": [], "totals": [1], "bytes": "x", "vips": {"a": 1}})",
              R"({"config": {"warnings": "x"}, "dataplane": {"rejected": {}, "connected": 1}})",
              R"([{"name": {}, "packets": -1, "bytes": "x", "share": "x", "next_hop": 7}])",
              R"({"service": {}, "next_hop": 7, "backend": 7, "warnings": 7})"})
            for (const Layout& layout : {Layout{}, Layout{.width = 40, .now_s = 0}})
                EXPECT_FALSE(cli::format(info.command, parse(result), layout).empty())
                    << info.name << result;
    }
}

TEST(Format, MasksControlCharacters) {
    EXPECT_EQ(
        format(Command::kShowDrops, Json::parse("[{\"reason\": \"\\u001b[2J\\n\", \"packets\": 1,"
                                                "\"description\": \"x\"}]")),
        "REASON  PACKETS  DESCRIPTION\n"
        "?[2J?         1  x\n");
}

TEST(Cell, EachKindHasItsForm) {
    EXPECT_EQ(cell(1500, Kind::kNumber), "1500");
    EXPECT_EQ(cell(1500u, Kind::kCount), "1,500");
    EXPECT_EQ(cell(1536u, Kind::kBytes), "1.5 KiB");
    EXPECT_EQ(cell(0.25, Kind::kPercent), "25.0 %");
    EXPECT_EQ(cell(61u, Kind::kDuration), "1 min 1 s");
    EXPECT_EQ(cell(12u, Kind::kMilliseconds), "12 ms");
    EXPECT_EQ(cell(9'999u, Kind::kMilliseconds), "9,999 ms");
    EXPECT_EQ(cell(185'900u, Kind::kMilliseconds), "3 min 5 s");
    EXPECT_EQ(cell(12u, Kind::kAge, {.width = 80, .now_s = 1000}), "12 ms");
    EXPECT_EQ(cell(185'900u, Kind::kAge), "3 min 5 s");
    EXPECT_EQ(cell(185'900u, Kind::kAge, {.width = 80, .now_s = 1'764'590'400}),
              "3 min 5 s (" + time_ago(185, 1'764'590'400) + ")");
    EXPECT_EQ(cell("a text", Kind::kSentence), "a text");
    EXPECT_EQ(cell(true), "yes");
    EXPECT_EQ(cell(nullptr), "-");
}

}  // namespace
}  // namespace vipfwd::cli
