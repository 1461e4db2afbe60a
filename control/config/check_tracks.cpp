// SPDX-License-Identifier: Apache-2.0
// [[group.track]].
#include <unistd.h>

#include <algorithm>
#include <string>

#include "control/config/check.h"
#include "control/config/first_use.h"
#include "control/text/quote.h"

namespace vipfwd::config {
namespace {

void check_port(const TrackDraft& draft, const Group& group, Names& ports, Report& report) {
    ports.refer(draft.track.port, draft.at.port);
    if (draft.track.port == group.port)
        report.error(draft.at.port,
                     "port {} is the group's own port, whose link is always tracked; remove this",
                     text::quote(group.port));
}

void check_timing(const TrackDraft& draft, Report& report) {
    const bool is_polled = draft.track.port.empty() && draft.track.pool.empty();
    if (draft.at.timing.is_set() && !is_polled)
        report.error(draft.at.timing,
                     "a {} is not polled: 'interval_ms', 'timeout_ms', 'rise' and 'fall' are for "
                     "scripts and processes; remove them",
                     draft.track.port.empty() ? "pool" : "port's link");
}

void check_script(const TrackDraft& draft, Report& report) {
    if (draft.track.script.empty() || !draft.track.script.front().starts_with('/')) {
        report.error(draft.at.script,
                     "a script is a list of a program's absolute path and its arguments, such as "
                     "[\"/usr/local/bin/check\", \"-q\"]");
    } else if (access(draft.track.script.front().c_str(), X_OK) != 0) {
        report.warning(draft.at.script, "{} cannot be executed: the track fails",
                       text::quote(draft.track.script.front()));
    }
}

}  // namespace

void check_tracks(const GroupDraft& group, Names& ports, Report& report) {
    FirstUse<std::string> known;
    for (const TrackDraft& draft : group.tracks) {
        if (draft.keys != 1) {
            report.error(draft.where,
                         "a track needs exactly one of 'port', 'script', 'process' and 'pool'");
            continue;
        }
        if (draft.at.port.is_set())
            check_port(draft, group.group, ports, report);
        if (draft.at.script.is_set())
            check_script(draft, report);
        check_timing(draft, report);
        if (const auto first = known.add(to_string(draft.track), draft.where))
            report.error(draft.where, "{} is tracked twice, first in line {}; remove one",
                         text::quote(to_string(draft.track)), first->line);
    }
}

// A pool that nothing checks is up for as long as it has backends.
void check_tracked_pools(const Draft& draft, Names& pools, Report& report) {
    for (const GroupDraft& group : draft.groups) {
        for (const TrackDraft& track : group.tracks) {
            if (!track.at.pool.is_set())
                continue;
            pools.refer(track.track.pool, track.at.pool);
            const auto pool = std::ranges::find(
                draft.pools, track.track.pool,
                [](const PoolDraft& one) -> const std::string& { return one.pool.name; });
            if (pool != draft.pools.end() && !pool->at.check.is_set())
                report.warning(track.at.pool,
                               "pool {} has no check, without which its backends count as up; "
                               "add one",
                               text::quote(track.track.pool));
        }
    }
}

}  // namespace vipfwd::config
