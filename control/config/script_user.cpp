// SPDX-License-Identifier: Apache-2.0
#include "control/config/script_user.h"

#include <pwd.h>

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
}

}  // namespace vipfwd::config
