// SPDX-License-Identifier: Apache-2.0
// What a gateway is for: [[group]], [[pool]], [[service]].
#include "control/config/choice.h"
#include "control/config/parse_tables.h"
#include "control/config/value.h"
#include "dataplane/abi/limits.h"

namespace vipfwd::config {
namespace {

constexpr Bounds kPortNumber{1, 65535};
constexpr Bounds kDurationMs{10, 3'600'000};
constexpr Bounds kDelayMs{0, 3'600'000};
constexpr Bounds kTimes{1, 100};

void parse_check(TableReader& table, PoolDraft& draft) {
    Check& check = draft.pool.check;
    draft.at.check = table.where();
    table.text("type", parse_check_type, Presence::kRequired).into(check.type);
    table.integer("port", kPortNumber, Presence::kRequired).into(check.port);
    draft.at.check_path = table.text("path", parse_url_path).into(check.path);
    draft.at.check_interval_ms = table.integer("interval_ms", kDurationMs).into(check.interval_ms);
    draft.at.check_timeout_ms = table.integer("timeout_ms", kDurationMs).into(check.timeout_ms);
    table.integer("rise", kTimes).into(check.rise);
    table.integer("fall", kTimes).into(check.fall);
}

BackendDraft parse_backend(TableReader& table) {
    BackendDraft draft;
    Backend& backend = draft.backend;
    backend.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(backend.name);
    draft.at.address =
        table.text("address", parse_unicast, Presence::kRequired).into(backend.address);
    table.integer("weight", {0, 65535}).into(backend.weight);
    return draft;
}

TrackDraft parse_track(TableReader& table) {
    TrackDraft draft;
    Track& track = draft.track;
    draft.where = table.where();
    draft.at.port = table.text("port", parse_name).into(track.port);
    FoundList<std::string> script = table.texts("script", parse_argument);
    draft.at.script = script.where;
    std::move(script).into(track.script);
    table.text("process", parse_process).into(track.process);
    draft.keys = table.has("port") + table.has("script") + table.has("process");
    table.integer("weight", {-253, 253}).into(track.weight);
    for (const Location& where : {table.integer("interval_ms", kDurationMs).into(track.interval_ms),
                                  table.integer("timeout_ms", kDurationMs).into(track.timeout_ms),
                                  table.integer("rise", kTimes).into(track.rise),
                                  table.integer("fall", kTimes).into(track.fall)}) {
        if (where.somewhere() && !draft.at.timing.somewhere())
            draft.at.timing = where;
    }
    return draft;
}

Found<PortRange> read_port_range(TableReader& table) {
    if (!table.is_integer("port"))
        return table.text("port", parse_port_range, Presence::kRequired,
                          "an integer such as 80, or a string such as \"8000-8099\" or \"any\"");
    std::uint16_t port = 0;
    const Location where = table.integer("port", kPortNumber).into(port);
    if (!where.somewhere())
        return {};
    return {Located<PortRange>{{port, port}, where}};
}

}  // namespace

GroupDraft parse_group(TableReader& table) {
    GroupDraft draft;
    Group& group = draft.group;
    group.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(group.name);
    draft.at.port = table.text("port", parse_name, Presence::kRequired).into(group.port);
    draft.at.id = table.integer("id", {1, 255}, Presence::kRequired).into(group.id);
    // 0 resigns and 255 is for an owner of the addresses, which no gateway is (RFC 9568 §5.2.4).
    table.integer("priority", {1, 254}).into(group.priority);
    // On the wire: 12 bits of hundredths of a second (RFC 9568 §5.2.7).
    draft.at.version = table.integer("version", {2, 3}).into(group.version);
    draft.at.advert_interval_ms =
        table.integer("advert_interval_ms", {10, 40'950}).into(group.advert_interval_ms);
    table.boolean("preempt").into(group.preempt);
    table.integer("preempt_delay_ms", kDelayMs).into(group.preempt_delay_ms);
    table.integer("startup_delay_ms", kDelayMs).into(group.startup_delay_ms);
    table.integer("announce_interval_s", {1, 86'400}).into(group.announce_interval_s);
    draft.at.checksum_pseudo_header =
        table.boolean("checksum_pseudo_header").into(group.checksum_pseudo_header);
    FoundList<IpAddress> peers = table.texts("peers", parse_unicast);
    draft.peers_are_unread = table.has("peers") && !peers.where.somewhere();
    draft.at.peers = std::move(peers).into(group.peers);
    FoundList<IpAddress> vips = table.texts("vips", parse_unicast, Presence::kRequired);
    draft.at.vip_list = vips.where;
    draft.at.vips = std::move(vips).into(group.vips);
    table.integer("hold_ms", {0, 3'600'000}).into(group.hold_ms);
    draft.at.auth_key_file = table.text("auth_key_file", parse_path).into(group.auth_key_file);
    draft.at.auth_second_key_file =
        table.text("auth_second_key_file", parse_path).into(group.auth_second_key_file);
    draft.at.auth_required = table.boolean("auth_required").into(group.auth_required);
    draft.at.kernel_address = table.boolean("kernel_address").into(group.kernel_address);
    table.boolean("accept").into(group.accept);
    draft.at.sync_set = table.text("sync_set", parse_name).into(group.sync_set);
    for (TableReader& track : table.tables("track", "[[group.track]]")) {
        draft.tracks.push_back(parse_track(track));
        track.finish();
    }
    return draft;
}

PoolDraft parse_pool(TableReader& table) {
    PoolDraft draft;
    draft.pool.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(draft.pool.name);
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
    return draft;
}

}  // namespace vipfwd::config
