// SPDX-License-Identifier: Apache-2.0
// [[pool]] and [[service]].
#include <algorithm>
#include <optional>

#include "control/config/choice.h"
#include "control/config/parse_tables.h"
#include "control/config/value.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::config {
namespace {

constexpr Bounds kPortNumber{1, 65535};
constexpr Bounds kRingSlots{abi::kMinRingSlots, abi::kMaxRingSlots};
constexpr Bounds kBackendCount{1, abi::kMaxBackendsPerPool};
constexpr Bounds kTier{1, 100};
constexpr Bounds kSlowStart_ms{0, 3'600'000};

// The keys that only some types have.
void parse_check_of_type(TableReader& table, PoolDraft& draft) {
    using enum CheckType;
    Check& check = draft.pool.check;
    auto& at = draft.at;
    at.check_ca_file = table.text("ca_file", parse_path).into(check.ca_file);
    at.check_user = table.text("user", parse_database_user).into(check.user);
    at.check_password_file = table.text("password_file", parse_path).into(check.password_file);
    FoundList<std::string> command = table.texts("command", parse_argument);
    at.check_command = command.where;
    std::move(command).into(check.command);
    at.check_name = table.text("name", parse_dns_name).into(check.name);
    at.check_keys = {
        {"send", table.text("send", parse_exchange_text).into(check.send), {kTcp, kUdp}},
        {"receive", table.text("receive", parse_exchange_text).into(check.receive), {kTcp, kUdp}},
        {"path", table.text("path", parse_url_path).into(check.path), {kHttp, kHttps}},
        {"host", table.text("host", parse_http_host).into(check.host), {kHttp, kHttps}},
        {"expect", table.text("expect", parse_statuses).into(check.expect), {kHttp, kHttps}},
        {"contains",
         table.text("contains", parse_exchange_text).into(check.contains),
         {kHttp, kHttps}},
        {"verify", table.boolean("verify").into(check.verify), {kHttps}},
        {"ca_file", at.check_ca_file, {kHttps}},
        {"user", at.check_user, {kMysql}},
        {"password_file", at.check_password_file, {kMysql}},
        {"allow_donor", table.boolean("allow_donor").into(check.allow_donor), {kMysql}},
        {"allow_read_only", table.boolean("allow_read_only").into(check.allow_read_only), {kMysql}},
        {"handshake_interval_ms",
         table.integer("handshake_interval_ms", kProbeTime_ms).into(check.handshake_interval_ms),
         {kAmqp}},
        {"name", at.check_name, {kDns}},
        {"record", table.text("record", parse_dns_type).into(check.record), {kDns}},
        {"expect_rcode",
         table.text("expect_rcode", parse_dns_rcode).into(check.expect_rcode),
         {kDns}},
        {"expect_answer",
         table.text("expect_answer", parse_exchange_text).into(check.expect_answer),
         {kDns}},
        {"command", at.check_command, {kScript}},
    };
}

void parse_check(TableReader& table, PoolDraft& draft) {
    Check& check = draft.pool.check;
    draft.at.check = table.where();
    table.text("type", parse_check_type, Presence::kRequired).into(check.type);
    const bool needs_port = check.type != CheckType::kScript;
    table.integer("port", kPortNumber, needs_port ? Presence::kRequired : Presence::kOptional)
        .into(check.port);
    draft.at.check_via = table.text("via", parse_via).into(check.via);
    draft.at.check_interval_ms =
        table.integer("interval_ms", kProbeTime_ms).into(check.interval_ms);
    check.fast_interval_ms = std::min(check.fast_interval_ms, check.interval_ms);
    draft.at.check_fast_interval_ms =
        table.integer("fast_interval_ms", kProbeTime_ms).into(check.fast_interval_ms);
    draft.at.check_timeout_ms = table.integer("timeout_ms", kProbeTime_ms).into(check.timeout_ms);
    table.integer("rise", kProbeCount).into(check.rise);
    table.integer("fall", kProbeCount).into(check.fall);
    table.integer("agent_port", kPortNumber).into(check.agent_port);
    parse_check_of_type(table, draft);
}

BackendDraft parse_backend(TableReader& table) {
    BackendDraft draft;
    Backend& backend = draft.backend;
    backend.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(backend.name);
    draft.at.address =
        table.text("address", parse_unicast, Presence::kRequired).into(backend.address);
    draft.at.weight = table.integer("weight", {0, 65535}).into(backend.weight);
    draft.at.tier = table.integer("tier", kTier).into(backend.tier);
    IpAddress check_address;
    draft.at.check_address = table.text("check_address", parse_unicast).into(check_address);
    if (draft.at.check_address.is_set())
        backend.check_address = check_address;
    draft.at.check_port = table.integer("check_port", kPortNumber).into(backend.check_port);
    return draft;
}

Location read_min_up(TableReader& table, MinUp& min_up) {
    if (!table.is_integer("min_up"))
        return table
            .text("min_up", parse_percentage, Presence::kOptional,
                  "an integer such as 2, or a string such as \"50%\"")
            .into(min_up.percent);
    return table.integer("min_up", kBackendCount).into(min_up.count);
}

Found<PortRange> read_port_range(TableReader& table) {
    if (!table.is_integer("port"))
        return table.text("port", parse_port_range, Presence::kRequired,
                          "an integer such as 80, or a string such as \"8000-8099\" or \"any\"");
    std::uint16_t port = 0;
    const Location where = table.integer("port", kPortNumber).into(port);
    if (!where.is_set())
        return {};
    return {Located<PortRange>{{port, port}, where}};
}

}  // namespace

PoolDraft parse_pool(TableReader& table) {
    PoolDraft draft;
    draft.pool.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(draft.pool.name);
    draft.at.ring_slots = table.integer("ring_slots", kRingSlots).into(draft.pool.ring_slots);
    table.text("on_down", parse_on_down).into(draft.pool.on_down);
    draft.at.min_up = read_min_up(table, draft.pool.min_up);
    table.text("mode", parse_pool_mode).into(draft.pool.mode);
    draft.at.failback = table.boolean("failback").into(draft.pool.failback);
    draft.at.slow_start_ms =
        table.integer("slow_start_ms", kSlowStart_ms).into(draft.pool.slow_start_ms);
    if (std::optional<TableReader> check = table.table("check", "[pool.check]")) {
        parse_check(*check, draft);
        check->finish();
    }
    for (TableReader& backend : table.tables("backend", "[[pool.backend]]")) {
        draft.backends.push_back(parse_backend(backend));
        backend.finish();
    }
    return draft;
}

ServiceDraft parse_service(TableReader& table) {
    ServiceDraft draft;
    Service& service = draft.service;
    service.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(service.name);
    draft.at.vip = table.text("vip", parse_unicast, Presence::kRequired).into(service.vip);
    draft.at.protocol =
        table.text("protocol", parse_protocol, Presence::kRequired).into(service.protocol);
    PortRange ports;
    draft.at.port = read_port_range(table).into(ports);
    service.port_first = ports.first;
    service.port_last = ports.last;
    draft.at.pool = table.text("pool", parse_name, Presence::kRequired).into(draft.pool_name);
    draft.at.forward = table.text("forward", parse_forward).into(service.forward);
    table.text("affinity", parse_affinity).into(service.affinity);
    table.boolean("pin_flows").into(service.pin_flows);
    draft.at.always_owned = table.boolean("always_owned").into(service.always_owned);
    return draft;
}

}  // namespace vipfwd::config
