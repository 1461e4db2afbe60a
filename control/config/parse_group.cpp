// SPDX-License-Identifier: Apache-2.0
// [[group]] and [[group.track]].
#include "control/config/choice.h"
#include "control/config/parse_tables.h"
#include "control/config/value.h"

namespace vipfwd::config {
namespace {

constexpr Bounds kDelay_ms{0, 3'600'000};

TrackDraft parse_track(TableReader& table) {
    TrackDraft draft;
    Track& track = draft.track;
    draft.where = table.where();
    draft.at.port = table.text("port", parse_name).into(track.port);
    FoundList<std::string> script = table.texts("script", parse_argument);
    draft.at.script = script.where;
    std::move(script).into(track.script);
    table.text("process", parse_process).into(track.process);
    draft.at.pool = table.text("pool", parse_name).into(track.pool);
    draft.keys = table.has("port") + table.has("script") + table.has("process") + table.has("pool");
    table.integer("weight", {-253, 253}).into(track.weight);
    for (const Location& where :
         {table.integer("interval_ms", kProbeTime_ms).into(track.interval_ms),
          table.integer("timeout_ms", kProbeTime_ms).into(track.timeout_ms),
          table.integer("rise", kProbeCount).into(track.rise),
          table.integer("fall", kProbeCount).into(track.fall)}) {
        if (where.is_set() && !draft.at.timing.is_set())
            draft.at.timing = where;
    }
    return draft;
}

}  // namespace

GroupDraft parse_group(TableReader& table) {
    GroupDraft draft;
    Group& group = draft.group;
    group.where = table.where();
    draft.at.name = table.text("name", parse_name, Presence::kRequired).into(group.name);
    draft.at.port = table.text("port", parse_name, Presence::kRequired).into(group.port);
    draft.at.id = table.integer("id", {1, 255}, Presence::kRequired).into(group.id);
    // 0 means resigning, and 255 a router that owns the addresses, which a gateway never is
    // (RFC 9568 §5.2.4).
    table.integer("priority", {1, 254}).into(group.priority);
    draft.at.version = table.integer("version", {2, 3}).into(group.version);
    // On the wire: 12 bits of hundredths of a second (RFC 9568 §5.2.7).
    draft.at.advert_interval_ms =
        table.integer("advert_interval_ms", {10, 40'950}).into(group.advert_interval_ms);
    table.boolean("preempt").into(group.preempt);
    table.integer("preempt_delay_ms", kDelay_ms).into(group.preempt_delay_ms);
    table.integer("startup_delay_ms", kDelay_ms).into(group.startup_delay_ms);
    table.integer("announce_interval_s", {1, 86'400}).into(group.announce_interval_s);
    draft.at.checksum_pseudo_header =
        table.boolean("checksum_pseudo_header").into(group.checksum_pseudo_header);
    FoundList<IpAddress> peers = table.texts("peers", parse_unicast);
    draft.has_invalid_peers = table.has("peers") && !peers.where.is_set();
    draft.at.peers = std::move(peers).into(group.peers);
    FoundList<IpAddress> vips = table.texts("vips", parse_unicast, Presence::kRequired);
    draft.at.vip_list = vips.where;
    draft.at.vips = std::move(vips).into(group.vips);
    table.text("foreign_vips", parse_foreign_vips).into(group.foreign_vips);
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

}  // namespace vipfwd::config
