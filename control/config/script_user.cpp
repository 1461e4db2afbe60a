// SPDX-License-Identifier: Apache-2.0
#include "control/config/script_user.h"

#include <pwd.h>
#include <unistd.h>

#include <string>

#include "control/text/quote.h"

namespace vipfwd::config {

void find_script_user(Draft& draft, Report& report) {
    const GatewayDraft& gateway = draft.gateway;
    if (!gateway.at.script_user.is_set())
        return;
    const std::string& name = gateway.gateway.script_user;
    const passwd* found = getpwnam(name.c_str());
    if (found == nullptr) {
        report.error(gateway.at.script_user,
                     "script_user {} is no user of this machine; create it, or name another one",
                     text::quote(name));
        return;
    }
    for (GroupDraft& group : draft.groups) {
        for (TrackDraft& track : group.tracks) {
            if (!track.track.script.empty())
                track.track.user = ScriptUser{name, found->pw_uid, found->pw_gid};
        }
    }
    for (PoolDraft& pool : draft.pools) {
        if (!pool.pool.check.command.empty())
            pool.pool.check.run_as = ScriptUser{name, found->pw_uid, found->pw_gid};
    }
}

// setpriv(1) gives up all privileges: it changes to the user, its groups, and nothing else.
std::vector<std::string> as_user(const std::optional<ScriptUser>& user,
                                 const std::vector<std::string>& words) {
    if (!user || user->uid == geteuid())
        return words;
    std::vector<std::string> all = {
        "setpriv",       "--reuid", std::to_string(user->uid), "--regid", std::to_string(user->gid),
        "--init-groups", "--"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

}  // namespace vipfwd::config
